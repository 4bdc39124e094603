//! Processor time of processes on this machine, as `/proc` has it (Linux; elsewhere nothing is found).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::time::Duration;

use url::{Host, Url};

/// The unit of `/proc/PID/stat`: 10 ms on every architecture of Linux (`USER_HZ`, proc(5)).
const TICK: Duration = Duration::from_millis(10);
/// How `/proc/net/tcp` writes that a socket listens.
const LISTENS: &str = "0A";

/// The parts of an installation, each with the processes that it begins with.
#[derive(Debug, Clone, Default)]
pub struct Parts(Vec<(&'static str, u32)>);

/// Processor time of each part.
pub type Used = BTreeMap<&'static str, Duration>;

impl Parts {
    /// Adds the part that this process, or a child of it, is.
    pub fn with_process(mut self, part: &'static str, id: u32) -> Parts {
        self.0.push((part, id));
        self
    }

    /// Adds the server that a URL names, where it listens on this machine and its processes can be seen.
    pub fn with_server(self, part: &'static str, url: &str, port: u16) -> Parts {
        let Ok(url) = Url::parse(url) else { return self };
        let here = match url.host() {
            Some(Host::Domain(name)) => {
                name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
            }
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match here.then(|| listener(url.port().unwrap_or(port))).flatten() {
            Some(id) => self.with_process(part, id),
            None => self,
        }
    }

    /// What each part has used until now: its processes, those below them, and those of them that have ended.
    pub fn used(&self) -> Used {
        let all = processes();
        let roots: BTreeSet<u32> = self.0.iter().map(|(_, id)| *id).collect();
        let mut used = Used::new();
        for (part, root) in &self.0 {
            let mut left = vec![*root];
            while let Some(id) = left.pop() {
                let Some(process) = all.get(&id) else { continue };
                *used.entry(*part).or_default() += process.used;
                // What is a part of its own is not counted with its parent.
                let children = all.iter().filter(|(_, child)| child.parent == id);
                left.extend(children.map(|(id, _)| *id).filter(|id| !roots.contains(id)));
            }
        }
        used
    }
}

/// What was used between two moments.
pub fn between(before: &Used, after: &Used) -> Used {
    let since = |(part, used): (&&'static str, &Duration)| {
        (*part, used.saturating_sub(before.get(part).copied().unwrap_or_default()))
    };
    after.iter().map(since).collect()
}

struct Process {
    parent: u32,
    used: Duration,
}

fn processes() -> BTreeMap<u32, Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id: u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        Some((id, read_stat(&stat)?))
    })
    .collect()
}

/// The parent, and the time of the process and of its children that were waited for. The name before them may hold
/// anything but ends with the last parenthesis.
fn read_stat(stat: &str) -> Option<Process> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: Vec<u32> = fields.get(11..15)?.iter().filter_map(|text| text.parse().ok()).collect();
    let total = ticks.iter().try_fold(0_u32, |sum, ticks| sum.checked_add(*ticks))?;
    Some(Process { parent: fields.get(1)?.parse().ok()?, used: TICK.checked_mul(total)? })
}

/// The process that listens on a port.
fn listener(port: u16) -> Option<u32> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
    let sockets: BTreeSet<String> = tables
        .iter()
        .flatten()
        .flat_map(|table| table.lines())
        .filter_map(|line| socket_of(line, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    processes().into_keys().find(|id| {
        let files = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
        files
            .filter_map(|file| fs::read_link(file.path()).ok())
            .any(|target| target.to_str().is_some_and(|target| sockets.contains(target)))
    })
}

/// The inode of a line's socket, when it listens on this port.
fn socket_of(line: &str, port: u16) -> Option<&str> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let is_it = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == LISTENS;
    is_it.then(|| fields.get(9).copied()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_is_read_whatever_the_name() {
        let process = read_stat("7 (a ) b) S 3 7 7 0 -1 0 1 2 3 4 10 20 30 40 20 0 1").unwrap();
        assert_eq!((process.parent, process.used), (3, Duration::from_secs(1)));
        assert!(read_stat("7 (a) S 3").is_none());
        assert!(read_stat("").is_none());
    }

    #[test]
    fn a_listener_is_found_by_its_port_and_uses_time() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert_eq!(listener(port), Some(std::process::id()));
        let url = format!("postgres://u@127.0.0.1:{port}/x");
        let parts = Parts::default().with_server("server", &url, 1);
        let before = parts.used();
        let begin = std::time::Instant::now();
        while begin.elapsed() < Duration::from_millis(100) {
            std::hint::black_box(begin.elapsed());
        }
        let used = between(&before, &parts.used());
        assert!(used["server"] >= Duration::from_millis(30), "{used:?}");
        for elsewhere in ["postgres://u@db.example:5432/x", "no url", "postgres:///x"] {
            assert!(Parts::default().with_server("server", elsewhere, port).used().is_empty());
        }
    }
}
