//! The walk of a root, in a thread of its own.

use std::collections::HashMap;

use genonaut_sources::folder::{Folder, Root, Trouble, text, walk};
use tokio::sync::mpsc;

/// Files of one transaction: enough to make it worth its while, few enough to tell how far it is.
pub const BATCH: usize = 400;

/// What the walk hands over.
pub enum Met {
    Unchanged { path: String, files: u64 },
    Changed(Vec<Folder>),
    Trouble(Trouble),
}

/// Hands over what `digests` does not know already, in batches. Ends when nobody listens any more.
pub fn walked(root: Root, digests: HashMap<String, Vec<u8>>) -> mpsc::Receiver<Met> {
    let (tell, met) = mpsc::channel(4);
    std::thread::spawn(move || {
        let (mut batch, mut files) = (Vec::new(), 0);
        for next in walk(&root) {
            let next = match next {
                Ok(folder) => {
                    let path = text::of(&folder.path);
                    if digests.get(&path).is_some_and(|digest| digest[..] == folder.digest) {
                        Met::Unchanged { path, files: folder.models.len() as u64 }
                    } else {
                        files += folder.models.len();
                        batch.push(folder);
                        if files < BATCH {
                            continue;
                        }
                        files = 0;
                        Met::Changed(std::mem::take(&mut batch))
                    }
                }
                Err(trouble) => Met::Trouble(trouble),
            };
            if tell.blocking_send(next).is_err() {
                return;
            }
        }
        if !batch.is_empty() {
            let _ = tell.blocking_send(Met::Changed(batch));
        }
    });
    met
}
