//! How far the reading is, counted here and told to everybody now and then.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use genonaut_db::library::{self, Hashing, Reader, ToHash};
use genonaut_db::{DbError, PgPool};

/// How often everybody is told, at most.
const BEAT: Duration = Duration::from_millis(500);
/// How often what is left is counted anew: others read too, and scans find more.
const COUNT: Duration = Duration::from_secs(5);
/// How much of the speed of one beat the speed that is told takes over.
const WEIGHT: f64 = 0.3;

pub struct Progress {
    now: Hashing,
    /// Bytes of each file at hand, which still count among those that are left.
    reading: HashMap<i64, u64>,
    told: Instant,
    counted: Option<Instant>,
    /// Since it was last told.
    bytes: u64,
}

impl Progress {
    pub fn new() -> Self {
        let now = Hashing { files: 0, bytes: 0, later: false, path: None, rate: 0.0 };
        Self { now, reading: HashMap::new(), told: Instant::now(), counted: None, bytes: 0 }
    }

    pub fn read(&mut self, file: &ToHash, bytes: u64) {
        self.bytes += bytes;
        *self.reading.entry(file.id).or_default() += bytes;
        self.now.path = Some(format!("{}/{}", file.root.trim_end_matches('/'), file.path));
    }

    /// With the file or without its hashes: it is left no more.
    pub fn done(&mut self, file: &ToHash) {
        self.reading.remove(&file.id);
        self.now.files -= 1;
        self.now.bytes -= file.size;
    }

    /// Whether it is time to tell.
    pub fn is_due(&self) -> bool {
        self.told.elapsed() >= BEAT
    }

    pub async fn tell(&mut self, db: &PgPool, reader: &Reader) -> Result<(), DbError> {
        if self.counted.is_none_or(|counted| counted.elapsed() >= COUNT) {
            (self.now.files, self.now.bytes) = library::hashes_left(db).await?;
            self.counted = Some(Instant::now());
        }
        let speed = self.bytes as f64 / self.told.elapsed().as_secs_f64();
        self.now.rate = if self.now.rate > 0.0 { self.now.rate * (1.0 - WEIGHT) + speed * WEIGHT } else { speed };
        (self.bytes, self.told) = (0, Instant::now());
        reader.tell(db, &self.without_what_is_read()).await
    }

    fn without_what_is_read(&self) -> Hashing {
        let read = i64::try_from(self.reading.values().sum::<u64>()).unwrap_or(i64::MAX);
        Hashing { files: self.now.files.max(0), bytes: (self.now.bytes - read).max(0), ..self.now.clone() }
    }
}
