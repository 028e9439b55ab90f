//! Processes of the engine, as the system knows them (`/proc` of Linux).

/// All of them whose environment has `mark`; those that are over and not yet buried don't count.
pub fn engines(mark: &str) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    all.filter(|id| read(*id, "cmdline").contains("engine-child") && read(*id, "environ").contains(mark)).collect()
}

/// Those that this one has started.
pub fn children(parent: u32) -> Vec<u32> {
    engines("").into_iter().filter(|id| stat(*id).is_some_and(|(_, of, _)| of == parent)).collect()
}

pub fn is_alive(id: u32) -> bool {
    stat(id).is_some_and(|(state, ..)| state != "Z") && read(id, "cmdline").contains("engine-child")
}

/// State, parent and group.
pub fn stat(id: u32) -> Option<(String, u32, u32)> {
    let line = read(id, "stat");
    let mut words = line.rsplit_once(") ")?.1.split(' ');
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// Empty for one that is gone.
fn read(id: u32, what: &str) -> String {
    let bytes = std::fs::read(format!("/proc/{id}/{what}")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
