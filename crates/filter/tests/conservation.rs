//! Nothing is lost and nothing counts twice, whatever the order in which threads reach shared data.
//!
//! Each thread runs the contexts of one VM: they record, tick, get newer configs beside them, and
//! close. Only one thread runs at a time; before each access to shared data a seeded schedule picks
//! which. Writes fail at random too, clocks disagree, and leaders depose each other. What is conserved:
//! requests, those of each variant, tokens, labels and conversions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex};

use mock::{Exchange, MockHost, Store, ask, sum};
use tidegate_filter::Worker;
use tidegate_filter::host::{Expected, Host};

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Lets one thread run at a time, and picks which at every pause.
struct Schedule {
    turns: Mutex<Turns>,
    changed: Condvar,
}

struct Turns {
    random: Random,
    running: usize,
    waiting: BTreeSet<usize>,
    turn: Option<usize>,
}

impl Turns {
    fn give(&mut self) {
        if self.running == 0 && !self.waiting.is_empty() {
            let index = self.random.below(self.waiting.len() as u64) as usize;
            self.turn = self.waiting.iter().nth(index).copied();
        }
    }
}

impl Schedule {
    fn new(seed: u64, threads: usize) -> Self {
        let turns =
            Turns { random: Random(seed), running: threads, waiting: BTreeSet::new(), turn: None };
        Self { turns: Mutex::new(turns), changed: Condvar::new() }
    }

    /// Waits for a turn; `true` when the access that follows is to fail.
    fn pause(&self, thread: usize, failure_percent: u64) -> bool {
        let mut turns = self.turns.lock().unwrap();
        turns.waiting.insert(thread);
        turns.running -= 1;
        turns.give();
        self.changed.notify_all();
        while turns.turn != Some(thread) {
            turns = self.changed.wait(turns).unwrap();
        }
        turns.turn = None;
        turns.waiting.remove(&thread);
        turns.running += 1;
        turns.random.below(100) < failure_percent
    }

    fn leave(&self) {
        let mut turns = self.turns.lock().unwrap();
        turns.running -= 1;
        turns.give();
        self.changed.notify_all();
    }
}

fn config(revision: u64) -> Vec<u8> {
    format!(
        r#"{{"admin": {{"token": "secret"}}, "windows": {{"panes": {}}}, "feedback": {{"secret": "s"}},
            "experiments": [{{"name": "e", "unit": {{"header": "x-user"}},
                "variants": [{{"name": "a", "weight": 0.5}}, {{"name": "b", "weight": 0.5}}],
                "conversion": {{"match": {{"path": "/checkout"}}}}}}],
            "models": [{{"match": {{"path_prefix": "/"}}, "protocol": "open_inference",
                         "reference": {{"learn": {{"samples": 100}}}}}}]}}"#,
        60 + revision
    )
    .into_bytes()
}

/// What the clients of a VM did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    requests: u64,
    tokens: u64,
    labels: u64,
    conversions: u64,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            tokens: self.tokens + other.tokens,
            labels: self.labels + other.labels,
            conversions: self.conversions + other.conversions,
        }
    }
}

impl Tally {
    /// A request, now and then the labels of its two rows (some of them twice), now and then a conversion.
    fn ask(&mut self, host: &MockHost, worker: &mut Worker, random: &mut Random) {
        let user = ("x-user", format!("u{}", random.below(40)).into_bytes());
        let mut exchange = Exchange::iris();
        exchange.request_headers.push(user.clone());
        exchange.run(host, worker);
        self.requests += 1;
        for (_, _, token) in host.response_marks.take() {
            self.tokens += 1;
            let rounds = random.below(3);
            for _ in 0..rounds {
                let said =
                    format!(r#"{{"prediction": "{token}", "predicted": [0, 1], "label": [0, 0]}}"#);
                let told = Exchange {
                    path: "/.tidegate/v1/feedback".into(),
                    request_headers: vec![],
                    request_chunks: vec![said.into_bytes()],
                    ..Exchange::iris()
                };
                told.run(host, worker);
                self.labels += 2;
            }
        }
        if random.below(3) == 0 {
            let checkout = Exchange {
                path: "/checkout".into(),
                request_headers: vec![user],
                ..Exchange::iris()
            };
            checkout.run(host, worker);
            self.conversions += 1;
        }
        host.replies.borrow_mut().clear();
    }
}

/// The life of one VM; returns what its clients did.
fn live(host: &MockHost, seed: u64, serves_streams: bool) -> Tally {
    let mut random = Random(seed);
    let mut revision = 0;
    let mut contexts = vec![Worker::configure(host, &config(revision)).unwrap()];
    let mut tally = Tally::default();
    for _ in 0..60 {
        match random.below(10) {
            0..=3 if serves_streams => {
                let index = random.below(contexts.len() as u64) as usize;
                for _ in 0..=random.below(3) {
                    tally.ask(host, &mut contexts[index], &mut random);
                }
            }
            4 if revision < 3 && random.below(4) == 0 => {
                revision += 1;
                contexts.push(Worker::configure(host, &config(revision)).unwrap());
            }
            5 if contexts.len() > 1 => {
                let mut drained = contexts.remove(0);
                drained.close(host);
                if serves_streams && random.below(2) == 0 {
                    tally.ask(host, &mut drained, &mut random);
                }
            }
            _ => {
                // Clocks are read at different times; a stall is longer than a lease.
                host.advance_millis(if random.below(10) == 0 {
                    4_000
                } else {
                    700 + random.below(600)
                });
                let newest = contexts.len() - 1;
                for (index, context) in contexts.iter_mut().enumerate() {
                    context.tick(host, index != newest);
                }
            }
        }
    }
    for mut context in contexts {
        context.close(host);
    }
    tally
}

/// Runs three VMs to their end, then lets a fourth context lead over what they left.
fn check(seed: u64, failure_percent: u64) {
    const THREADS: usize = 3;
    let store = Store::default();
    let schedule = Arc::new(Schedule::new(seed, THREADS));
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (store, schedule) = (store.clone(), Arc::clone(&schedule));
            std::thread::spawn(move || {
                let gate = Arc::clone(&schedule);
                let disturb = Box::new(move || gate.pause(thread, failure_percent));
                let host = MockHost::new(store, disturb);
                let tally = live(&host, seed ^ (thread as u64) << 32, thread != 0);
                schedule.leave();
                tally
            })
        })
        .collect();
    let tallies = threads.into_iter().map(|thread| thread.join().unwrap());
    let tally = tallies.fold(Tally::default(), |sum, tally| sum + tally);

    let host = MockHost::new(store, Box::new(|| false));
    host.advance_millis(600_000);
    let mut last = Worker::configure(&host, &config(99)).unwrap();
    last.tick(&host, false);
    let metrics = ask(&host, &mut last, "GET", "/.tidegate/v1/metrics").body;
    let labels = |outcome| sum(&metrics, "model_labels_total", outcome);
    let counted = Tally {
        requests: sum(&metrics, "inference_requests_total", ""),
        tokens: sum(&metrics, "tidegate_tokens_total", ""),
        labels: labels("joined") + labels("duplicate"),
        conversions: sum(&metrics, "ab_test_conversions_total", ""),
    };
    let text = String::from_utf8_lossy(&metrics);
    let dropped = text.lines().filter(|line| line.starts_with("tidegate_")).collect::<Vec<_>>();
    assert_eq!(counted, tally, "seed {seed}: {dropped:#?}");
    assert_eq!(sum(&metrics, "tidegate_feedback_total", "accepted"), tally.labels / 2);
    assert_eq!(sum(&metrics, "ab_test_requests_total", ""), tally.requests, "seed {seed}");
    assert_eq!(sum(&metrics, "tidegate_members", ""), 1, "seed {seed}: only the last is left");
}

#[test]
fn every_interleaving_conserves_counts() {
    for seed in 0..40 {
        check(seed, 0);
    }
}

#[test]
fn failing_writes_conserve_counts() {
    for seed in 100..140 {
        check(seed, 15);
    }
}

fn requests(host: &MockHost, worker: &mut Worker) -> u64 {
    sum(&ask(host, worker, "GET", "/.tidegate/v1/metrics").body, "inference_requests_total", "")
}

#[test]
fn two_ticks_after_a_request_it_is_in_the_metrics() {
    let store = Store::default();
    let main_host = MockHost::new(store.clone(), Box::new(|| false));
    let worker_host = MockHost::new(store, Box::new(|| false));
    let mut main = Worker::configure(&main_host, &config(0)).unwrap();
    let mut worker = Worker::configure(&worker_host, &config(0)).unwrap();
    main.tick(&main_host, false);
    worker.tick(&worker_host, false);
    for expected in 1..=5 {
        Exchange::iris().run(&worker_host, &mut worker);
        worker.tick(&worker_host, false);
        main.tick(&main_host, false);
        assert_eq!(requests(&worker_host, &mut worker), expected);
    }
}

#[test]
fn a_damaged_mailbox_is_counted_and_does_not_wedge() {
    let host = MockHost::default();
    let mut worker = Worker::configure(&host, &config(0)).unwrap();
    worker.tick(&host, false);
    for garbage in [&b""[..], b"\xff", b"\x00\x00\x03abc", &[0x55; 4096]] {
        host.store.set("tidegate/default/mailbox/0", garbage, Expected::Any).unwrap();
        Exchange::iris().run(&host, &mut worker);
        host.advance_millis(1_000);
        worker.tick(&host, false);
    }
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(sum(&metrics, "inference_requests_total", ""), 4);
    assert_eq!(sum(&metrics, "tidegate_dropped_total", "unreadable_mailboxes"), 4);
}

#[test]
fn damaged_shared_data_of_every_kind_is_replaced() {
    let host = MockHost::default();
    let mut worker = Worker::configure(&host, &config(0)).unwrap();
    Exchange::iris().run(&host, &mut worker);
    worker.tick(&host, false);
    for key in host.store.keys() {
        host.store
            .set(&key, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", Expected::Any)
            .unwrap();
    }
    Exchange::iris().run(&host, &mut worker);
    for _ in 0..3 {
        host.advance_millis(1_000);
        worker.tick(&host, false);
    }
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(sum(&metrics, "inference_requests_total", ""), 1, "the state was lost");
    assert_eq!(sum(&metrics, "tidegate_state_resets_total", ""), 1);
    assert_eq!(sum(&metrics, "tidegate_members", ""), 1);
}

#[test]
fn a_member_that_vanished_is_struck_and_what_it_left_counts() {
    let store = Store::default();
    let host = Rc::new(MockHost::new(store.clone(), Box::new(|| false)));
    let mut main = Worker::configure(&*host, &config(0)).unwrap();
    main.tick(&*host, false);
    let mut trapped = Worker::configure(&*host, &config(0)).unwrap();
    Exchange::iris().run(&host, &mut trapped);
    trapped.tick(&*host, false);
    drop(trapped);
    for _ in 0..2 {
        host.advance_millis(1_000_000);
        main.tick(&*host, false);
    }
    let metrics = ask(&host, &mut main, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(sum(&metrics, "inference_requests_total", ""), 1);
    assert_eq!(sum(&metrics, "tidegate_members", ""), 1);
    assert!(host.now_nanos() > mock::START_NANOS);
}

#[test]
fn the_newest_config_leads_while_the_old_one_drains() {
    let host = MockHost::default();
    let mut old = Worker::configure(&host, &config(0)).unwrap();
    old.tick(&host, false);
    host.advance_millis(10);
    let mut new = Worker::configure(&host, &config(1)).unwrap();
    for _ in 0..3 {
        host.advance_millis(1_000);
        old.tick(&host, true);
        new.tick(&host, false);
    }
    let metrics = ask(&host, &mut new, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(sum(&metrics, "tidegate_leader_changes_total", ""), 1);
    let lines = host.logs.borrow();
    let leads: Vec<_> = lines.iter().filter(|line| line.contains("leads now")).collect();
    assert_eq!(leads.len(), 2);
    assert!(leads[0].starts_with("member 0 ") && leads[1].starts_with("member 1 "), "{leads:?}");
}

#[test]
fn instances_do_not_see_each_other() {
    let store = Store::default();
    let host = MockHost::new(store, Box::new(|| false));
    let named = |instance: &str| {
        let config = format!(r#"{{"instance": "{instance}", "admin": {{"token": "secret"}}}}"#);
        Worker::configure(&host, config.as_bytes()).unwrap()
    };
    let (mut a, mut b) = (named("a"), named("b"));
    Exchange::iris().run(&host, &mut a);
    a.tick(&host, false);
    b.tick(&host, false);
    assert_eq!((requests(&host, &mut a), requests(&host, &mut b)), (1, 0));
    assert!(host.store.keys().iter().all(|key| key.starts_with("tidegate/")));
}
