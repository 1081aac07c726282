//! What the observatory takes of memory: nothing for a request of a model that it knows, and a bounded amount whatever it is told.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidegate_bench_observatory::{hostile, request};
use tidegate_core::observatory::Observatory;
use tidegate_core::pane::bound;

/// The system's allocator, which counts.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}
static HELD_BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        HELD_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD_BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_request_of_a_known_model_allocates_nothing() {
    let mut observatory = request::observatory();
    let requests: Vec<_> = (0..100).map(request::inference).collect();
    let observe = |observatory: &mut Observatory| {
        for request in &requests {
            observatory.observe(request::START_SECONDS + 1.0, request);
        }
    };
    observe(&mut observatory);
    let before = ALLOCATIONS.get();
    for _ in 0..10 {
        observe(&mut observatory);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0, "by 1000 requests");
}

/// What an observatory holds at most, in MiB, whatever it is told.
const BOUND_MIB: usize = 512;

/// Every bound that names and ids of clients can reach.
const REACHED: [&str; 11] = [
    bound::MODEL_NAMES,
    bound::MODEL_VERSIONS,
    bound::CLASSES,
    bound::COLUMNS,
    bound::EXPERIMENTS,
    bound::VARIANTS,
    bound::EXPLANATIONS,
    bound::ATTRIBUTIONS,
    bound::FEATURE_SETS,
    bound::FEATURE_SOURCES,
    bound::JOBS,
];

fn held_after(events: u64) -> usize {
    let before = HELD_BYTES.load(Ordering::Relaxed);
    let observatory = hostile::observatory(events);
    let held = HELD_BYTES.load(Ordering::Relaxed).saturating_sub(before) / (1 << 20);
    println!("{events} events: {held} MiB held");
    for wanted in REACHED {
        let dropped = observatory.snapshot().dropped;
        assert!(dropped.iter().any(|it| it.bound == wanted), "{wanted} was not reached");
    }
    held
}

#[test]
#[ignore = "takes minutes: with --ignored, or in `cargo xtask test --all`"]
fn ten_million_hostile_events_are_within_the_bound() {
    assert!(held_after(10_000_000) <= BOUND_MIB);
}

#[test]
fn hostile_events_are_within_the_bound() {
    assert!(held_after(50_000) <= BOUND_MIB);
}
