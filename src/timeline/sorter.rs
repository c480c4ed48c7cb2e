//! Sorts more than fits in memory.
//!
//! What is pushed gathers in memory; when that is full it is sorted and written to a temporary file, a
//! *run*, compressed. At the end the runs are merged: of each run the order of its next item is in memory, and only
//! the item whose turn it is. The files have no name, so nothing is left behind however the process ends.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Runs that are merged at once; each is an open file.
const MOST_RUNS: usize = 64;

/// Compression level of runs: the cheapest that makes them smaller.
const LEVEL: i32 = 1;

/// Something that can be sorted outside memory.
pub trait Sortable: Serialize + DeserializeOwned {
    /// What tells its place among the others, and little else.
    type Order: Ord + Serialize + DeserializeOwned;

    /// Its place.
    fn order(&self) -> Self::Order;

    /// About how many bytes it takes in memory.
    fn weight(&self) -> usize;
}

/// Takes items in any order.
#[derive(Debug)]
pub struct Sorter<T> {
    held: Vec<T>,
    weight: usize,
    budget: usize,
    runs: Vec<File>,
}

impl<T: Sortable> Sorter<T> {
    /// A sorter that holds about `budget` bytes in memory.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { held: Vec::new(), weight: 0, budget, runs: Vec::new() }
    }

    /// Takes one item.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub fn push(&mut self, item: T) -> io::Result<()> {
        self.weight += item.weight();
        self.held.push(item);
        if self.weight > self.budget { self.spill() } else { Ok(()) }
    }

    /// All items in order, to be gone through as often as it takes.
    ///
    /// # Errors
    /// When a run cannot be written or read.
    pub fn finish(mut self) -> io::Result<Sorted<T>> {
        if !self.runs.is_empty() {
            self.spill()?;
        }
        self.held.sort_by_cached_key(Sortable::order);
        Ok(Sorted { held: self.held, runs: self.runs })
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_by_cached_key(Sortable::order);
        if self.runs.len() == MOST_RUNS {
            let merged = Sorted { held: Vec::new(), runs: std::mem::take(&mut self.runs) };
            let mut run = Run::create()?;
            merged.each(&mut |item: &T| run.write(item))?;
            self.runs.push(run.finish()?);
        }
        let mut run = Run::create()?;
        self.held.iter().try_for_each(|item| run.write(item))?;
        self.runs.push(run.finish()?);
        self.held.clear();
        self.weight = 0;
        Ok(())
    }
}

/// Items in order, in memory or in runs.
#[derive(Debug)]
pub struct Sorted<T> {
    held: Vec<T>,
    runs: Vec<File>,
}

impl<T: Sortable> Sorted<T> {
    /// Calls `visit` with each item in order, until one fails.
    ///
    /// # Errors
    /// Those of `visit`, and of reading runs.
    pub fn each(&self, visit: &mut dyn FnMut(&T) -> io::Result<()>) -> io::Result<()> {
        if self.runs.is_empty() {
            return self.held.iter().try_for_each(visit);
        }
        let mut readers = self.runs.iter().map(RunReader::open).collect::<io::Result<Vec<_>>>()?;
        let mut heads = BinaryHeap::new();
        let mut bytes = Vec::new();
        for (index, reader) in readers.iter_mut().enumerate() {
            heads.extend(reader.next::<T::Order>(&mut bytes)?.map(|order| Reverse((order, index))));
        }
        while let Some(Reverse((_, index))) = heads.pop() {
            let item = readers[index].next::<T>(&mut bytes)?;
            visit(&item.ok_or(io::ErrorKind::UnexpectedEof)?)?;
            heads.extend(readers[index].next::<T::Order>(&mut bytes)?.map(|order| Reverse((order, index))));
        }
        Ok(())
    }
}

/// A run that is being written: the order of each item and the item, both behind their lengths.
struct Run(zstd::Encoder<'static, File>);

impl Run {
    fn create() -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(tempfile::tempfile()?, LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self(encoder))
    }

    fn write<T: Sortable>(&mut self, item: &T) -> io::Result<()> {
        self.put(&item.order())?;
        self.put(item)
    }

    fn put<T: Serialize>(&mut self, item: &T) -> io::Result<()> {
        let bytes = postcard::to_stdvec(item).map_err(io::Error::other)?;
        self.0.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.0.write_all(&bytes)
    }

    fn finish(self) -> io::Result<File> {
        self.0.finish()
    }
}

struct RunReader<'f> {
    decoder: zstd::Decoder<'static, BufReader<&'f File>>,
}

impl<'f> RunReader<'f> {
    fn open(mut file: &'f File) -> io::Result<Self> {
        file.rewind()?;
        Ok(Self { decoder: zstd::Decoder::new(file)? })
    }

    /// What comes next; `bytes` is room for it.
    fn next<T: DeserializeOwned>(&mut self, bytes: &mut Vec<u8>) -> io::Result<Option<T>> {
        let mut length = [0; 8];
        match self.decoder.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let length = usize::try_from(u64::from_le_bytes(length)).map_err(io::Error::other)?;
        bytes.resize(length, 0);
        self.decoder.read_exact(bytes)?;
        postcard::from_bytes(bytes).map(Some).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Sortable for (u32, Vec<u8>) {
        type Order = Self;

        fn order(&self) -> Self {
            self.clone()
        }

        fn weight(&self) -> usize {
            16 + self.1.len()
        }
    }

    proptest! {
        #[test]
        fn any_budget_gives_the_order_that_memory_gives(
            mut items in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..20)), 0..300),
            budget in 1_usize..5000,
        ) {
            let mut sorter = Sorter::new(budget);
            for item in &items {
                sorter.push(item.clone()).unwrap();
            }
            let sorted = sorter.finish().unwrap();
            items.sort();
            for _ in 0..2 {
                let mut seen = Vec::new();
                sorted.each(&mut |item| { seen.push(item.clone()); Ok(()) }).unwrap();
                prop_assert_eq!(&seen, &items);
            }
        }
    }
}
