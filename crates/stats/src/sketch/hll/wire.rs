//! The byte form, as Java, C++ and Python write it. All three widths of register are read; 6 bits are
//! written.
//!
//! ```text
//! 0  preamble ints: 2 (list), 3 (set), 10 (registers)    4  lg of the coupon or exception table
//! 1  version: 1                                          5  flags: 4 empty, 8 compact, 16 out of order
//! 2  family: 7                                           6  list: coupons; registers: smallest value
//! 3  lg of the number of registers                       7  bits 0-1 mode, bits 2-3 width (0: 4, 1: 6, 2: 8)
//! list:       8  coupons, 4 bytes each
//! set:        8  number of coupons, 4 bytes; then the coupons
//! registers:  8  HIP estimate   16, 24  sums of 2^-value below and from 32   32  registers at the smallest value
//!            36  exceptions, 4 bytes   40  registers, then (4 bits) exceptions as coupons
//! ```

use alloc::{vec, vec::Vec};

use super::{Content, Hll, Registers, SLOT_BITS};
use crate::sketch::bytes::Reader;
use crate::{Error, ErrorKind};

const FAMILY: u8 = 7;
const EMPTY: u8 = 4;
const COMPACT: u8 = 8;
const OUT_OF_ORDER: u8 = 16;
const LIST: u8 = 0;
const SET: u8 = 1;
const ARRAY: u8 = 2;
/// A list of as many coupons becomes a set.
const LIST_LEN: usize = 8;
/// In 4 bits, it says that the value is among the exceptions.
const EXCEPTION: u8 = 15;
const HIGHEST_VALUE: u8 = 63;

pub(super) fn encode(sketch: &Hll) -> Vec<u8> {
    match &sketch.content {
        Content::Coupons(coupons) => encode_coupons(sketch.lg_k, coupons),
        Content::Registers(registers) => encode_registers(sketch.lg_k, registers),
    }
}

fn encode_coupons(lg_k: u8, coupons: &[u32]) -> Vec<u8> {
    let (preamble, lg_table, mode) = if coupons.len() < LIST_LEN {
        (2, 3, LIST)
    } else {
        // Not more than three quarters full.
        let lg_table = (5..26).find(|lg| coupons.len() * 4 <= 3 << lg).unwrap_or(26);
        (3, lg_table, SET)
    };
    let flags = COMPACT | if coupons.is_empty() { EMPTY } else { 0 };
    let len = if mode == LIST { coupons.len() as u8 } else { 0 };
    let mut bytes = Vec::with_capacity(12 + 4 * coupons.len());
    bytes.extend([preamble, 1, FAMILY, lg_k, lg_table, flags, len, mode | (1 << 2)]);
    if mode == SET {
        bytes.extend((coupons.len() as u32).to_le_bytes());
    }
    for coupon in coupons {
        bytes.extend(coupon.to_le_bytes());
    }
    bytes
}

fn encode_registers(lg_k: u8, registers: &Registers) -> Vec<u8> {
    let values = &registers.values;
    let mut bytes = Vec::with_capacity(41 + values.len() * 3 / 4);
    let flags = COMPACT | if registers.hip.is_none() { OUT_OF_ORDER } else { 0 };
    bytes.extend([10, 1, FAMILY, lg_k, 0, flags, 0, ARRAY | (1 << 2)]);
    bytes.extend(registers.hip.unwrap_or(0.0).to_le_bytes());
    for sum in registers.inverse_sums {
        bytes.extend(sum.to_le_bytes());
    }
    let zeros = values.iter().filter(|value| **value == 0).count();
    bytes.extend((zeros as u32).to_le_bytes());
    bytes.extend([0; 4]);
    // Four registers are three bytes, and one byte is left over at the end.
    for group in values.chunks(4) {
        let bits = group.iter().rev().fold(0_u32, |bits, value| (bits << 6) | u32::from(*value));
        let [one, two, three, _] = bits.to_le_bytes();
        bytes.extend([one, two, three]);
    }
    bytes.push(0);
    bytes
}

pub(super) fn decode(bytes: &[u8]) -> Result<Hll, Error> {
    let mut reader = Reader::new(bytes, "an HLL sketch");
    let [preamble, version, family, lg_k] =
        [reader.u8()?, reader.u8()?, reader.u8()?, reader.u8()?];
    reader.check(family == FAMILY)?;
    if version != 1 {
        return Err(reader.unsupported());
    }
    reader.check((Hll::MIN_LG_K..=Hll::MAX_LG_K).contains(&lg_k))?;
    let [lg_table, flags, third, mode] = [reader.u8()?, reader.u8()?, reader.u8()?, reader.u8()?];
    let (is_empty, is_compact) = (flags & EMPTY != 0, flags & COMPACT != 0);
    let width = (mode >> 2) & 3;
    reader.check(width < 3 && lg_table <= 26)?;
    let mut sketch = Hll::empty(lg_k);
    let (expected, mode) = match mode & 3 {
        LIST => (2, LIST),
        SET => (3, SET),
        ARRAY => (10, ARRAY),
        _ => return Err(reader.corrupt()),
    };
    reader.check(preamble == expected)?;
    if mode == ARRAY {
        let is_in_order = flags & OUT_OF_ORDER == 0;
        let shape = Shape { width, smallest: third, lg_table, is_compact };
        sketch.content = Content::Registers(registers(&mut reader, lg_k, is_in_order, &shape)?);
    } else {
        let len = if mode == LIST { usize::from(third) } else { reader.u32()? as usize };
        reader.check(is_empty == (len == 0))?;
        // The updatable form has a table with empty places, which an empty sketch may leave out.
        let is_bare = is_compact || is_empty && reader.len() == 0;
        let read = if is_bare { len } else { 1 << lg_table };
        for coupon in coupons(&mut reader, read)? {
            sketch.insert(coupon);
        }
        // Two that are the same would be one by now.
        reader.check(sketch.coupon_count().is_none_or(|held| held == len))?;
    }
    reader.end()?;
    Ok(sketch)
}

/// Coupons and empty places, without the latter.
fn coupons(reader: &mut Reader<'_>, len: usize) -> Result<Vec<u32>, Error> {
    reader.check(len.checked_mul(4).is_some_and(|bytes| bytes <= reader.len()))?;
    let mut coupons = Vec::with_capacity(len);
    for _ in 0..len {
        let coupon = reader.u32()?;
        if coupon != 0 {
            reader.check(coupon >> SLOT_BITS > 0)?;
            coupons.push(coupon);
        }
    }
    Ok(coupons)
}

/// How registers are written.
struct Shape {
    width: u8,
    smallest: u8,
    lg_table: u8,
    is_compact: bool,
}

fn registers(
    reader: &mut Reader<'_>,
    lg_k: u8,
    is_in_order: bool,
    shape: &Shape,
) -> Result<Registers, Error> {
    let hip = f64::from_bits(reader.u64()?);
    // Both sums and the number at the smallest value follow from the registers.
    reader.u64()?;
    reader.u64()?;
    reader.u32()?;
    let exceptions = reader.u32()? as usize;
    if is_in_order && !hip.is_finite() {
        return Err(Error::new(ErrorKind::NotFinite, "an HLL sketch"));
    }
    reader.check(shape.smallest <= HIGHEST_VALUE && (!is_in_order || hip >= 0.0))?;
    reader.check(shape.width == 0 || (shape.smallest == 0 && exceptions == 0))?;

    let k = 1_usize << lg_k;
    let mut values = vec![0; k];
    match shape.width {
        0 => {
            let nibbles = reader.take(k / 2)?;
            for (pair, both) in values.chunks_mut(2).zip(nibbles) {
                pair[0] = both & 15;
                pair[1] = both >> 4;
            }
            // An updatable form has a table with empty places, if it has any exception at all.
            let places = match (shape.is_compact, exceptions) {
                (true, _) | (_, 0) => exceptions,
                _ => 1 << shape.lg_table,
            };
            let found = coupons(reader, places)?;
            let marked = values.iter().filter(|value| **value == EXCEPTION).count();
            reader.check(found.len() == exceptions && marked == exceptions)?;
            for value in values.iter_mut().filter(|value| **value != EXCEPTION) {
                *value += shape.smallest;
            }
            for coupon in found {
                let value = values.get_mut((coupon & super::SLOT_MASK) as usize);
                let value = value.filter(|value| **value == EXCEPTION).ok_or(reader.corrupt())?;
                *value = (coupon >> SLOT_BITS) as u8;
                reader.check(*value >= EXCEPTION)?;
            }
            // An empty table may be there all the same.
            if !shape.is_compact && exceptions == 0 {
                let table = reader.take(reader.len())?;
                reader.check(table.iter().all(|byte| *byte == 0))?;
            }
        }
        1 => {
            let packed = reader.take(k / 4 * 3)?;
            for (group, bytes) in values.chunks_mut(4).zip(packed.chunks(3)) {
                let mut bits =
                    bytes.iter().rev().fold(0_u32, |bits, b| (bits << 8) | u32::from(*b));
                for value in group {
                    *value = (bits & 63) as u8;
                    bits >>= 6;
                }
            }
            reader.u8()?;
        }
        _ => values.copy_from_slice(reader.take(k)?),
    }
    reader.check(values.iter().all(|value| *value <= HIGHEST_VALUE))?;
    Ok(Registers::new(values, is_in_order.then_some(hip)))
}
