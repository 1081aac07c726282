//! Training runs as trainers log them, and what is found wrong with them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use tidegate_core::event::{self, Event, Measure};
use tidegate_core::observatory::{Delta, Observatory, References, Settings, State};
use tidegate_core::training::read::{LogError, TrainingLog};
use tidegate_core::training::{Finding, FindingKind};
use tidegate_stats::num;

fn file(run: &str, name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training/runs");
    std::fs::read(format!("{folder}/{run}/{name}")).unwrap()
}

fn event_files(run: &str) -> TrainingLog {
    let mut log = TrainingLog::default();
    log.add(&file(run, "train.tfevents"), false).unwrap();
    log.add(&file(run, "validation.tfevents"), true).unwrap();
    log
}

fn table(run: &str) -> TrainingLog {
    let mut log = TrainingLog::default();
    log.add(&file(run, "metrics.csv"), false).unwrap();
    log
}

fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn event_files_hold_what_was_logged() {
    let log = event_files("healthy");
    assert_eq!((log.steps().len(), log.epochs().len()), (1100, 25));
    // The CSV has the same epochs, written by the trainer itself.
    for (one, other) in log.epochs().zip(table("healthy").epochs()) {
        let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-6, "{one} {other}");
        close(one.loss.unwrap().0, other.loss.unwrap().0);
        close(one.validation_loss.unwrap().0, other.validation_loss.unwrap().0);
        close(one.validation_accuracy.unwrap(), other.validation_accuracy.unwrap());
    }
    let first = log.steps().next().unwrap();
    assert!((first.loss.unwrap().0 - 2.354).abs() < 1e-3);
    assert!(first.duration_seconds.unwrap() > first.data_wait_seconds.unwrap());
}

#[test]
fn each_run_has_the_fault_that_it_was_given() {
    use FindingKind::{DataBottleneck, Divergence, NotFinite, Overfitting, Plateau};
    // The epochs alone do not show where the diverging run came from: it went wrong in the first one.
    for (run, by_step, by_epoch) in [
        ("healthy", None, None),
        ("diverging", Some(Divergence), Some(Plateau)),
        ("overfit", Some(Overfitting), Some(Overfitting)),
        ("data_starved", Some(DataBottleneck), Some(DataBottleneck)),
        ("nan", Some(NotFinite), Some(NotFinite)),
    ] {
        for (want, log) in [(by_step, event_files(run)), (by_epoch, table(run))] {
            let findings = log.findings();
            assert_eq!(kinds(&findings).first().copied(), want, "{run}: {findings:?}");
            assert!(findings.iter().all(|it| !it.evidence.is_empty()));
        }
    }
}

#[test]
fn the_first_step_that_is_no_number_is_named() {
    let findings = event_files("nan").findings();
    let loss = findings.iter().find(|finding| finding.evidence.contains("loss")).unwrap();
    assert_eq!(loss.step, Some(2));
    let starved = event_files("data_starved").findings();
    let share = starved[0].value.unwrap();
    assert!((0.7..0.95).contains(&share), "{share}");
}

#[test]
fn a_trainer_state_is_read() {
    let json = br#"{"epoch": 2.0, "global_step": 40, "log_history": [
        {"epoch": 0.5, "step": 10, "loss": 2.0, "learning_rate": 5e-05, "grad_norm": 1.5},
        {"epoch": 1.0, "step": 20, "loss": NaN, "learning_rate": 4e-05, "grad_norm": 1.1},
        {"epoch": 1.0, "step": 20, "eval_loss": 1.4, "eval_accuracy": 0.6, "eval_runtime": 3.1},
        {"epoch": 2.0, "step": 40, "train_runtime": 60.0, "train_loss": 1.7}]}"#;
    let mut log = TrainingLog::default();
    log.add(json, false).unwrap();
    let steps: Vec<u64> = log.steps().map(|step| step.step).collect();
    assert_eq!(steps, [10, 20]);
    assert_eq!(log.steps().next().unwrap().grad_norm.unwrap().0, 1.5);
    let epoch = log.epochs().next().unwrap();
    assert_eq!((epoch.validation_loss.unwrap().0, epoch.validation_accuracy), (1.4, Some(0.6)));
    assert_eq!(log.findings()[0].step, Some(20));
}

#[test]
fn json_lines_and_events_are_read() {
    let mut log = TrainingLog::default();
    let lines =
        b"{\"step\": 1, \"train_loss\": 0.5, \"lr\": 0.1}\n{\"step\": 2, \"train_loss\": 0.4}\n";
    log.add(lines, false).unwrap();
    assert_eq!(log.steps().map(|step| step.loss.unwrap().0).collect::<Vec<_>>(), [0.5, 0.4]);
    let mut log = TrainingLog::default();
    let events =
        b"{\"type\": \"training_epoch\", \"job_id\": \"j\", \"epoch\": 3, \"loss\": 0.5}\n";
    log.add(events, false).unwrap();
    assert_eq!(log.epochs().next().unwrap().epoch, 3);
    // Lightning: steps and epochs in rows of their own.
    let mut log = TrainingLog::default();
    let csv = b"epoch,step,train_loss_step,val_loss,train_loss_epoch\n0,9,0.9,,\n0,19,0.8,,\n0,19,,0.7,0.85\n";
    log.add(csv, false).unwrap();
    assert_eq!((log.steps().len(), log.epochs().len()), (2, 1));
    assert_eq!(log.epochs().next().unwrap().loss.unwrap().0, 0.85);
    // A remark may have a separator in its quotes.
    let mut log = TrainingLog::default();
    log.add(b"\"step\",\"remark\",\"loss\"\n1,\"warm, slow\",0.9\n2,\"\",0.8\n", false).unwrap();
    assert_eq!(log.steps().map(|step| step.loss.unwrap().0).collect::<Vec<_>>(), [0.9, 0.8]);
}

/// Twenty epochs that overfit from the eighth on, as different trainers write them, each 50 steps long.
#[test]
fn overfitting_is_found_however_training_and_validation_are_told() {
    let train = |epoch: f64| 2.0 * num::exp(-epoch / 5.0) + 0.05;
    let validation = |epoch: u32| {
        let epoch = f64::from(epoch);
        if epoch < 8.0 { 2.1 * num::exp(-epoch / 5.0) + 0.1 } else { 0.5 + 0.05 * epoch }
    };
    let rows = |head: &str, line: &dyn Fn(u32, u32) -> String| {
        let lines = (0..20).flat_map(|epoch| (1..=5).map(move |fifth| (epoch, fifth)));
        lines.fold(head.to_owned(), |text, (epoch, fifth)| text + &line(epoch, fifth))
    };
    let at = |epoch: u32, fifth: u32| train(f64::from(epoch) + f64::from(fifth) / 5.0);
    let lightning = rows("epoch,step,train_loss,val_loss\n", &|epoch, fifth| {
        let step = epoch * 50 + fifth * 10 - 1;
        let own = format!("{epoch},{step},{},\n", at(epoch, fifth));
        let end = format!("{epoch},{step},,{}\n", validation(epoch));
        if fifth == 5 { own + &end } else { own }
    });
    let history = rows("", &|epoch, fifth| {
        let step = epoch * 50 + fifth * 10;
        let at_epoch = f64::from(step) / 50.0;
        let loss = at(epoch, fifth);
        let own = format!("{{\"epoch\": {at_epoch}, \"step\": {step}, \"loss\": {loss}}}\n");
        let end = format!(
            "{{\"epoch\": {at_epoch}, \"step\": {step}, \"eval_loss\": {}}}\n",
            validation(epoch)
        );
        if fifth == 5 { own + &end } else { own }
    }) + "{\"epoch\": 20, \"step\": 1000, \"train_loss\": 9, \"train_runtime\": 1}";
    let keras = rows("epoch;loss;val_loss\n", &|epoch, fifth| {
        let line = format!("{epoch};{};{}\n", train(f64::from(epoch)), validation(epoch));
        if fifth == 5 { line } else { String::new() }
    });
    let of_epochs = |of: &dyn Fn(u32) -> f64| {
        (0..20).map(|it| of(it).to_string()).collect::<Vec<_>>().join(",")
    };
    let lists = format!(
        "{{\"loss\": [{}], \"val_loss\": [{}]}}",
        of_epochs(&|epoch| train(f64::from(epoch))),
        of_epochs(&validation)
    );
    let mmengine = rows("", &|epoch, fifth| {
        let (iter, step) = (fifth * 10, epoch * 50 + fifth * 10);
        let loss = at(epoch, fifth);
        let own = format!(
            "{{\"loss\": {loss}, \"loss_cls\": 0.1, \"iter\": {iter}, \"step\": {step}, \"epoch\": {epoch}}}\n"
        );
        let end = format!(
            "{{\"metrics\": {{\"val_loss\": {}}}, \"epoch\": {epoch}, \"step\": {step}}}\n",
            validation(epoch)
        );
        if fifth == 5 { own + &end } else { own }
    });
    for (name, text, last_step) in [
        ("Lightning", lightning, Some(999)),
        ("Hugging Face", history, Some(1000)),
        ("Keras", keras, None),
        ("lists", lists, None),
        ("MMEngine", mmengine, Some(1000)),
    ] {
        let mut log = TrainingLog::default();
        log.add(text.as_bytes(), false).unwrap();
        assert_eq!(log.epochs().len(), 20, "{name}");
        assert_eq!(log.steps().last().map(|step| step.step), last_step, "{name}");
        if let Some(step) = log.steps().last() {
            assert!((step.loss.unwrap().0 - train(20.0)).abs() < 1e-9, "{name}: {step:?}");
        }
        let findings = log.findings();
        assert_eq!(kinds(&findings), [FindingKind::Overfitting], "{name}: {findings:?}");
        assert!(matches!(findings[0].epoch, Some(7 | 8)), "{name}: {findings:?}");
    }
}

/// What `tensorboardX` wrote, see the README of the folder: PyTorch's scalars have no place for an epoch.
#[test]
fn logs_of_other_trainers_are_read() {
    // Losses of twelve rounds, of which the validation's rise from the fourth on.
    let train = |round: usize| 1.0 / (round + 1) as f64;
    let validation = |round: usize| if round < 4 { train(round) } else { 0.1 * round as f64 };
    let list = |of: &dyn Fn(usize) -> f64| {
        serde_json::to_string(&(0..12).map(of).collect::<Vec<_>>()).unwrap()
    };
    let lines = |line: &dyn Fn(usize) -> String| {
        (0..12).map(|round| line(round) + "\n").collect::<String>()
    };
    let comma = |number: f64| number.to_string().replace('.', ",");
    let (trains, validations) = (list(&train), list(&validation));
    for (trainer, text) in [
        (
            "Keras",
            format!(
                r#"{{"history": {{"loss": {trains}, "val_loss": {validations}}}, "params": {{"epochs": 12}}}}"#
            ),
        ),
        (
            "XGBoost",
            format!(
                r#"{{"train": {{"logloss": {trains}}}, "validation": {{"logloss": {validations}}}}}"#
            ),
        ),
        (
            "LightGBM",
            format!(
                r#"{{"training": {{"binary_logloss": {trains}}}, "valid_1": {{"binary_logloss": {validations}}}}}"#
            ),
        ),
        (
            "fairseq",
            lines(&|round| {
                let (loss, other) = (train(round), validation(round));
                format!(
                    "{{\"epoch\": {round}, \"train_loss\": \"{loss}\"}}\n{{\"epoch\": {round}, \"valid_loss\": \"{other}\"}}"
                )
            }),
        ),
        (
            "a spreadsheet",
            "epoch;train_loss;val_loss\n".to_owned()
                + &lines(&|round| {
                    format!("{round};{};{}", comma(train(round)), comma(validation(round)))
                }),
        ),
    ] {
        let mut log = TrainingLog::default();
        log.add(text.as_bytes(), false).unwrap();
        assert_eq!(log.epochs().len(), 12, "{trainer}");
        let last = log.epochs().last().unwrap();
        let close = |one: Option<Measure>, other: f64| {
            assert!((one.unwrap().0 - other).abs() < 1e-15, "{trainer}")
        };
        close(last.loss, train(11));
        close(last.validation_loss, validation(11));
        assert_eq!(kinds(&log.findings()), [FindingKind::Overfitting], "{trainer}");
    }
    // Detectron2 tells the time of a step as `time`, and what it waited as `data_time`.
    let text = lines(&|step| {
        format!("{{\"iteration\": {step}, \"total_loss\": 1.0, \"time\": 0.5, \"data_time\": 0.4}}")
    });
    let mut log = TrainingLog::default();
    log.add(text.as_bytes(), false).unwrap();
    assert_eq!(kinds(&log.findings()), [FindingKind::DataBottleneck]);
}

#[test]
fn scalars_of_pytorch_pair_the_losses_of_training_and_validation() {
    for (name, epochs) in [("by_epoch", 20), ("by_step", 20), ("mixed", 20), ("restarted", 20)] {
        let mut log = TrainingLog::default();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training/runs/pytorch");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name))
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{name}");
        for file in files {
            log.add(&std::fs::read(file).unwrap(), false).unwrap();
        }
        assert_eq!(log.epochs().len(), epochs, "{name}");
        let findings = log.findings();
        assert_eq!(kinds(&findings), [FindingKind::Overfitting], "{name}: {findings:?}");
    }
}

/// What TensorFlow 2's Keras writes beside the epochs counts otherwise.
#[test]
fn an_evaluation_by_iterations_makes_no_epochs() {
    let csv = b"step,epoch_loss,evaluation_loss_vs_iterations,epoch\n0,0.5,,0\n1000,,0.6,0\n";
    let mut log = TrainingLog::default();
    log.add(csv, true).unwrap();
    assert_eq!(log.epochs().len(), 1);
}

#[test]
fn damage_is_told_with_its_place_and_a_run_in_progress_is_read() {
    let bytes = file("nan", "train.tfevents");
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    let error = TrainingLog::default().add(&damaged, false).unwrap_err();
    assert!(matches!(error, LogError::Damaged(at) if at > 0 && at < bytes.len()), "{error}");
    let mut log = TrainingLog::default();
    log.add(&bytes[..bytes.len() - 7], false).unwrap();
    assert!(log.steps().len() > 100);
    for nothing in [&b""[..], b"a,b\n1,2\n", b"{\"a\": 1}", b"\x89PNG\r\n"] {
        assert_eq!(TrainingLog::default().add(nothing, false), Err(LogError::NothingKnown));
    }
}

#[test]
fn a_live_run_is_in_the_metrics_and_the_snapshot() {
    let mut observatory = Observatory::new(Settings::default());
    for step in 0..50 {
        let line = format!(
            r#"{{"type": "training_step", "job_id": "j1", "step": {step}, "loss": {}, "samples": 512,
                "duration_seconds": 0.2, "data_wait_seconds": 0.15, "gpu_utilization": {{"0": 0.3}}}}"#,
            1.5 - f64::from(step) / 49.0
        );
        let read = event::read(line.replace('\n', " ").as_bytes());
        observatory.observe(1.0, &read.events[0].event);
    }
    let epoch = br#"{"type": "training_epoch", "job_id": "j1", "epoch": 4, "loss": 0.4, "duration_seconds": 61}"#;
    observatory.observe(2.0, &event::read(epoch).events[0].event);
    observatory.tick(3.0);
    let text = observatory.prometheus_text();
    for line in [
        "training_loss{job_id=\"j1\"} 0.5",
        "training_epoch{job_id=\"j1\"} 4.0",
        "training_throughput_samples_per_second{job_id=\"j1\"} 2560.0",
        "training_gpu_utilization{job_id=\"j1\",gpu_id=\"0\"} 0.3",
        "training_epoch_duration_seconds_count{job_id=\"j1\"} 1",
        "training_finding{job_id=\"j1\",kind=\"data_bottleneck\"} 1",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
    let snapshot = observatory.snapshot();
    assert!((snapshot.training[0].data_wait_share.unwrap() - 0.75).abs() < 1e-12);
    assert!(snapshot.training[0].findings[0].evidence.contains("GPUs 30 % busy"));
}

/// What is found in steps so far apart, each with a loss and a gradient's norm.
fn found(count: u32, stride: u32, of: impl Fn(f64) -> (f64, f64)) -> Vec<FindingKind> {
    let line = |index: u32| {
        let (loss, norm) = of(f64::from(index * stride));
        let step = (index + 1) * stride;
        format!("{{\"step\": {step}, \"loss\": {loss}, \"grad_norm\": {norm}}}\n")
    };
    let mut log = TrainingLog::default();
    log.add((0..count).map(line).collect::<String>().as_bytes(), false).unwrap();
    kinds(&log.findings())
}

#[test]
fn a_record_may_stand_for_many_steps() {
    use FindingKind::{Divergence, Plateau};
    // As Hugging Face's trainer logs, each fifth step, or each hundredth.
    assert_eq!(found(100, 5, |_| (2.3, 1.0)), [Plateau]);
    assert_eq!(found(25, 100, |_| (2.3, 1.0)), [Plateau]);
    assert_eq!(found(100, 1, |_| (2.3, 1.0)), [], "still warming up");
    let rises = |step: f64| (1.0 + (step - 1000.0).max(0.0) / 300.0, 1.0);
    assert_eq!(found(25, 100, rises), [Divergence]);
    assert_eq!(found(25, 100, |step| (2.0 - step / 2000.0, 1.0)), []);
}

#[test]
fn a_gradient_that_begins_large_has_not_exploded() {
    use FindingKind::{ExplodingGradients, VanishingGradients};
    let falls = |step: f64| 30.0 * num::exp(-step / 10.0) + 0.3;
    let loss = |step: f64| 2.0 * num::exp(-step / 100.0) + 0.1;
    assert_eq!(found(300, 1, |step| (loss(step), falls(step))), []);
    // One that falls and then leaps has.
    let leaps = |step: f64| if (200.0..203.0).contains(&step) { 28.0 } else { falls(step) };
    assert_eq!(found(300, 1, |step| (loss(step), leaps(step))), [ExplodingGradients]);
    let at_once = |step: f64| if step == 1.0 { 900.0 } else { 2.0 };
    assert_eq!(found(300, 1, |step| (loss(step), at_once(step))), [ExplodingGradients]);
    // One that vanished while its first values were told has not exploded before.
    let vanishes = |step: f64| if step < 50.0 { 1.0 + step / 500.0 } else { 1e-6 };
    assert_eq!(
        found(100, 5, |step| (2.3 - step.min(60.0) / 200.0, vanishes(step))),
        [VanishingGradients]
    );
}

#[test]
fn a_slow_rank_is_found_and_equal_ones_are_not() {
    let snapshot = |slow: f64| {
        let mut observatory = Observatory::new(Settings::default());
        for (step, rank) in (0..40).flat_map(|step| (0..4).map(move |rank| (step, rank))) {
            let seconds = if rank == 2 { slow } else { 0.1 };
            let line = format!(
                r#"{{"type": "training_step", "job_id": "j", "step": {step}, "rank": {rank}, "duration_seconds": {seconds}}}"#
            );
            observatory.observe(1.0, &event::read(line.as_bytes()).events[0].event);
        }
        observatory.tick(2.0);
        observatory.snapshot()
    };
    assert_eq!(snapshot(0.11).training[0].findings, []);
    let found = &snapshot(0.13).training[0].findings;
    assert_eq!(kinds(found), [FindingKind::StragglingRank]);
    assert!(found[0].evidence.contains("rank 2"));
}

#[test]
fn a_slow_rank_is_found_in_logs_of_all_ranks() {
    // As events, as lines that are none, and as a table: a file a rank, or one of all.
    let event = |step: u32, rank: u32, seconds: f64| {
        format!(
            r#"{{"type": "training_step", "job_id": "j", "step": {step}, "rank": {rank}, "duration_seconds": {seconds}}}"#
        )
    };
    let line = |step: u32, rank: u32, seconds: f64| {
        format!(r#"{{"step": {step}, "rank": {rank}, "step_seconds": {seconds}}}"#)
    };
    let cells = |step: u32, rank: u32, seconds: f64| format!("{step},{rank},{seconds}");
    type Way<'w> = &'w dyn Fn(u32, u32, f64) -> String;
    let ways: [(&str, Way<'_>); 3] =
        [("", &event), ("", &line), ("step,global_rank,step_seconds\n", &cells)];
    for (head, way) in ways {
        let of_rank = |rank: u32| -> String {
            let seconds = if rank == 2 { 0.5 } else { 0.2 };
            (0..40).map(|step| way(step, rank, seconds) + "\n").collect()
        };
        let (mut apart, mut together) = (TrainingLog::default(), TrainingLog::default());
        for rank in 0..4 {
            apart.add((head.to_owned() + &of_rank(rank)).as_bytes(), false).unwrap();
        }
        together
            .add((head.to_owned() + &(0..4).map(of_rank).collect::<String>()).as_bytes(), false)
            .unwrap();
        assert_eq!(apart, together);
        let found = apart.findings();
        assert_eq!(kinds(&found), [FindingKind::StragglingRank], "{head}{}", way(0, 0, 0.2));
        assert!(found[0].evidence.contains("rank 2"), "{}", found[0].evidence);
    }
}

proptest! {
    #[test]
    fn any_split_in_any_order_gives_the_same_run(
        steps in prop::collection::vec((0..90_u64, 0..3_u32, 0.0..9.0_f64, 0..3_usize), 0..200),
    ) {
        let settings = Settings::default();
        let (mut whole, mut parts) = (Delta::default(), [Delta::default(), Delta::default(), Delta::default()]);
        for (step, rank, loss, worker) in steps {
            let line = format!(
                r#"{{"type": "training_step", "job_id": "j", "step": {step}, "rank": {rank}, "loss": {loss},
                    "duration_seconds": {loss}}}"#
            ).replace('\n', " ");
            let event: &Event = &event::read(line.as_bytes()).events[0].event;
            whole.observe(1.0, event, &References::default(), &settings);
            parts[worker].observe(1.0, event, &References::default(), &settings);
        }
        let (mut one, mut other) = (State::default(), State::default());
        one.apply(whole, &settings);
        for part in parts.into_iter().rev() {
            other.apply(part, &settings);
        }
        prop_assert_eq!(one.encode(), other.encode());
    }

    #[test]
    fn any_damage_is_read_or_refused(place in 0..37_000_usize, bit in 0..8_u8, cut in 0..38_000_usize) {
        let mut bytes = file("nan", "train.tfevents");
        bytes[place] ^= 1 << bit;
        bytes.truncate(cut);
        let _ = TrainingLog::default().add(&bytes, false);
    }
}
