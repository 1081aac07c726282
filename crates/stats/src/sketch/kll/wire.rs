//! The byte form of a sketch of doubles, as Java, C++ and Python write it.
//!
//! ```text
//! 0  preamble ints: 2 (empty, one item) or 5    4  k, 2 bytes
//! 1  version: 1, or 2 with one item             6  smallest level, always 8
//! 2  family: 15                                 7  not used
//! 3  flags: 1 empty, 2 level 0 sorted, 4 one item
//! one item:  8  the item
//! more:      8  count, 8 bytes   16 smallest k merged, 2 bytes   18 levels   19 not used
//!            20 where each level begins in an array of full capacity, 4 bytes each;
//!               then smallest value, largest value, and the items, level by level
//! ```

use alloc::{vec, vec::Vec};

use super::capacity::{self, MAX_LEVELS, MIN_LEVEL};
use super::{Kll, MAX_COUNT, key};
use crate::sketch::bytes::Reader;
use crate::{Error, ErrorKind};

const FAMILY: u8 = 15;
const EMPTY: u8 = 1;
const ONE_ITEM: u8 = 4;

pub(super) fn encode(sketch: &Kll) -> Vec<u8> {
    let levels = &sketch.levels;
    let items: usize = levels.iter().map(Vec::len).sum();
    let mut bytes = Vec::with_capacity(36 + 4 * levels.len() + 8 * items);
    let (preamble, version, flags) = match sketch.count {
        0 => (2, 1, EMPTY),
        1 => (2, 2, ONE_ITEM),
        _ => (5, 1, 0),
    };
    bytes.extend([preamble, version, FAMILY, flags]);
    bytes.extend(sketch.k.to_le_bytes());
    bytes.extend([MIN_LEVEL, 0]);
    if sketch.count > 1 {
        bytes.extend(sketch.count.to_le_bytes());
        bytes.extend(sketch.min_k.to_le_bytes());
        bytes.extend([levels.len() as u8, 0]);
        let mut begin = capacity::of_all(sketch.k, levels.len()).saturating_sub(items);
        for level in levels {
            bytes.extend((begin as u32).to_le_bytes());
            begin += level.len();
        }
        bytes.extend(sketch.min.to_le_bytes());
        bytes.extend(sketch.max.to_le_bytes());
    }
    // Level 0 fills downwards there.
    for item in levels.iter().take(1).flat_map(|level| level.iter().rev()) {
        bytes.extend(key::value(*item).to_le_bytes());
    }
    for item in levels.iter().skip(1).flatten() {
        bytes.extend(key::value(*item).to_le_bytes());
    }
    bytes
}

pub(super) fn decode(bytes: &[u8]) -> Result<Kll, Error> {
    let mut reader = Reader::new(bytes, "a KLL sketch");
    let [preamble, version, family, flags] =
        [reader.u8()?, reader.u8()?, reader.u8()?, reader.u8()?];
    reader.check(family == FAMILY)?;
    if !matches!(version, 1 | 2) {
        return Err(reader.unsupported());
    }
    let (is_empty, is_one_item) = (flags & EMPTY != 0, flags & ONE_ITEM != 0);
    reader.check(!(is_empty && is_one_item))?;
    reader.check(preamble == if is_empty || is_one_item { 2 } else { 5 })?;
    reader.check(version == if is_one_item { 2 } else { 1 })?;
    let k = reader.u16()?;
    reader.check(k >= Kll::MIN_K)?;
    if reader.u8()? != MIN_LEVEL {
        return Err(reader.unsupported());
    }
    reader.u8()?;

    let mut sketch = Kll::empty(k);
    if is_one_item {
        sketch.push(reader.number()?);
    } else if !is_empty {
        decode_many(&mut sketch, &mut reader)?;
    }
    reader.end()?;
    Ok(sketch)
}

fn decode_many(sketch: &mut Kll, reader: &mut Reader<'_>) -> Result<(), Error> {
    let (count, min_k) = (reader.u64()?, reader.u16()?);
    let levels = usize::from(reader.u8()?);
    reader.u8()?;
    if count > MAX_COUNT {
        return Err(Error::new(ErrorKind::OutOfRange, "the count of a KLL sketch"));
    }
    reader.check(count > 1 && (Kll::MIN_K..=sketch.k).contains(&min_k))?;
    reader.check((1..=MAX_LEVELS).contains(&levels))?;

    let mut begins = [0; MAX_LEVELS + 1];
    for begin in &mut begins[..levels] {
        *begin = reader.u32()? as usize;
    }
    begins[levels] = capacity::of_all(sketch.k, levels);
    reader.check(begins[..=levels].is_sorted())?;
    let (min, max) = (reader.number()?, reader.number()?);
    // Checked before anything is allocated.
    reader.check(reader.len() == 8 * (begins[levels] - begins[0]))?;

    let mut held = 0_u128;
    sketch.levels = vec![Vec::new(); levels];
    for (level, items) in sketch.levels.iter_mut().enumerate() {
        let len = begins[level + 1] - begins[level];
        items.reserve_exact(len);
        for _ in 0..len {
            items.push(key::of(reader.number()?));
        }
        let range = key::of(min)..=key::of(max);
        reader.check(items.iter().all(|item| range.contains(item)))?;
        if level == 0 {
            items.reverse();
        } else {
            reader.check(items.is_sorted())?;
        }
        held += (len as u128) << level;
    }
    reader.check(held == u128::from(count))?;
    (sketch.count, sketch.min_k, sketch.min, sketch.max) = (count, min_k, min, max);
    sketch.make_room();
    Ok(())
}
