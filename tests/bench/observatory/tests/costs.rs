//! What the observatory takes of memory: nothing for a request of a model that it knows, and a bounded amount whatever it is told.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tidegate_bench_observatory::{hostile, request};
use tidegate_core::observatory::{Observatory, most_bytes, most_bytes_between_ticks};
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

/// Every bound that names, ids and times of clients can reach.
const REACHED: [&str; 20] = [
    bound::MODEL_NAMES,
    bound::MODEL_VERSIONS,
    bound::CLASSES,
    bound::EXPERIMENTS,
    bound::VARIANTS,
    bound::COLUMNS,
    bound::COLUMN_KIND,
    bound::NAME_BYTES,
    bound::RAW_ROWS,
    bound::PANES,
    bound::FEEDBACK,
    bound::FEATURE_SETS,
    bound::FEATURE_SOURCES,
    bound::UNITS,
    bound::CONVERSIONS,
    bound::EXPLANATIONS,
    bound::ATTRIBUTIONS,
    bound::JOBS,
    bound::BUSINESS_METRICS,
    bound::NOT_A_MEASURE,
];

/// The most that the texts of metrics and of a snapshot may have: four times what is measured, for the bounds of
/// names are what keeps them.
const TEXT_MIB: usize = 64;

fn total(parts: &[(&str, u64)]) -> usize {
    parts.iter().map(|(_, bytes)| *bytes as usize).sum()
}

fn hostile_events_are_within_the_bound(events: u64, reached: &[&str]) {
    let settings = hostile::settings();
    let bound = total(&most_bytes(&settings));
    let bound_between = bound + total(&most_bytes_between_ticks(&settings));
    let before = HELD_BYTES.load(Ordering::Relaxed);
    let held = || HELD_BYTES.load(Ordering::Relaxed).saturating_sub(before);
    let mut most = 0;
    let start = Instant::now();
    let observatory = hostile::observatory(events, |_| most = most.max(held()));
    let mib = |bytes: usize| bytes >> 20;
    for (part, bytes) in most_bytes(&settings) {
        println!("{part}: {:.1} MiB", bytes as f64 / f64::from(1 << 20));
    }
    println!(
        "{events} events in {:.0} s: {} MiB held, {} of {} after the fullest tick; {} between ticks",
        start.elapsed().as_secs_f64(),
        mib(held()),
        mib(most),
        mib(bound),
        mib(bound_between),
    );
    assert!(most <= bound);
    let dropped = observatory.snapshot().dropped;
    for wanted in reached {
        assert!(dropped.iter().any(|it| it.bound == *wanted), "{wanted} was not reached");
    }
    let snapshot = serde_json::to_string(&observatory.snapshot()).unwrap();
    let texts = [snapshot, observatory.prometheus_text(), observatory.openmetrics_text()];
    let [snapshot, metrics, openmetrics] = texts.map(|text| mib(text.len()));
    let state = mib(observatory.state().encode().len());
    println!("snapshot {snapshot} MiB, metrics {metrics} and {openmetrics}, encoded state {state}");
    assert!(snapshot.max(metrics).max(openmetrics) <= TEXT_MIB);
    assert!(observatory.state().encode().len() <= bound);
}

#[test]
#[ignore = "takes minutes: with --ignored, or in `cargo xtask test --all`"]
fn ten_million_hostile_events_are_within_the_bound() {
    hostile_events_are_within_the_bound(10_000_000, &REACHED);
}

#[test]
fn some_hostile_events_are_within_the_bound() {
    hostile_events_are_within_the_bound(120_000, &REACHED);
}
