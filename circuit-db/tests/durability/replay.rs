//! A disk that loses what was not synced.

use std::collections::BTreeMap;
use std::path::Path;

/// One thing that the writer did to a file, or said.
#[derive(Debug)]
pub(crate) enum Op {
    Write { file: String, offset: usize, data: Vec<u8> },
    Truncate { file: String, length: usize },
    Sync { file: String },
    Remove { file: String },
    Said(String),
}

/// The unit that a disk writes whole.
const SECTOR: usize = 512;

/// Reads the shim's log: kind, length of the name, name, offset, length of the data, data.
pub(crate) fn read_log(mut log: &[u8]) -> Vec<Op> {
    let mut ops = Vec::new();
    while let [kind, rest @ ..] = log {
        log = rest;
        let length = number(&mut log);
        let file = String::from_utf8(take(&mut log, length).to_vec()).unwrap();
        let offset = number(&mut log);
        let length = number(&mut log);
        let data = take(&mut log, length).to_vec();
        ops.extend(match kind {
            b'W' => Some(Op::Write { file, offset, data }),
            b'T' => Some(Op::Truncate { file, length: offset }),
            b'S' => Some(Op::Sync { file }),
            b'U' => Some(Op::Remove { file }),
            b'A' => Some(Op::Said(String::from_utf8(data).unwrap())),
            kind => panic!("an unknown operation: {kind}"),
        });
    }
    ops
}

fn take<'a>(log: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (head, rest) = log.split_at(length);
    *log = rest;
    head
}

fn number(log: &mut &[u8]) -> usize {
    usize::try_from(u64::from_le_bytes(take(log, 8).try_into().unwrap())).unwrap()
}

/// A file: what is safe, and what was done to it since.
#[derive(Debug, Default)]
struct File {
    safe: Option<Vec<u8>>,
    unsafe_since: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// All files of the writer.
#[derive(Debug, Default)]
pub(crate) struct Disk(BTreeMap<String, File>);

impl Disk {
    pub(crate) fn apply(&mut self, op: &Op) {
        match op {
            Op::Write { file, offset, data } => {
                self.file(file).unsafe_since.push(Change::Write(*offset, data.clone()));
            }
            Op::Truncate { file, length } => {
                self.file(file).unsafe_since.push(Change::Truncate(*length));
            }
            Op::Sync { file } => {
                let file = self.file(file);
                let mut safe = file.safe.take().unwrap_or_default();
                file.unsafe_since.drain(..).for_each(|change| change.apply(&mut safe));
                file.safe = Some(safe);
            }
            Op::Remove { file } => drop(self.0.remove(file)),
            Op::Said(_) => {}
        }
    }

    fn file(&mut self, name: &str) -> &mut File {
        self.0.entry(name.to_owned()).or_default()
    }

    /// Writes what a disk may hold after a power cut: all that was synced, and of the rest a random
    /// part in a random order, each write torn at sectors.
    pub(crate) fn crash(&self, folder: &Path, random: &mut Random) {
        drop(std::fs::remove_dir_all(folder));
        std::fs::create_dir_all(folder).unwrap();
        for (name, file) in &self.0 {
            let mut changes: Vec<Change> =
                file.unsafe_since.iter().filter(|_| random.below(2) == 0).cloned().collect();
            random.shuffle(&mut changes);
            if file.safe.is_none() && changes.is_empty() {
                continue;
            }
            let mut content = file.safe.clone().unwrap_or_default();
            for change in changes {
                change.tear(&mut content, random);
            }
            std::fs::write(folder.join(name), content).unwrap();
        }
    }
}

impl Change {
    fn apply(self, content: &mut Vec<u8>) {
        match self {
            Self::Write(offset, data) => {
                let end = offset + data.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[offset..end].copy_from_slice(&data);
            }
            Self::Truncate(length) => content.resize(length, 0),
        }
    }

    /// Applies a write with some of its sectors left out.
    fn tear(self, content: &mut Vec<u8>, random: &mut Random) {
        let Self::Write(offset, data) = self else {
            return self.apply(content);
        };
        let torn = random.below(3) == 0;
        for (i, sector) in data.chunks(SECTOR).enumerate() {
            if !torn || random.below(2) == 0 {
                Self::Write(offset + i * SECTOR, sector.to_vec()).apply(content);
            }
        }
    }
}

/// Numbers that are the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn below_len(&mut self, end: usize) -> usize {
        usize::try_from(self.below(u64::try_from(end).unwrap())).unwrap()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below_len(i + 1));
        }
    }
}
