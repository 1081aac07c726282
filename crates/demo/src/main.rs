//! `tidegate-demo`: a model server, a replayer of real rows, a server of the explorer's files, and
//! the benchmark of the gateway.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use pico_args::Arguments;
use tidegate_demo::Error;
use tidegate_demo::model::Model;
use tidegate_demo::replay::{self, Options, Totals};
use tidegate_demo::server::{Faults, ModelServer};
use tidegate_demo::tell::Admin;
use tidegate_demo::{address, bench, elec2, explorer, server};

const USAGE: &str = "\
tidegate-demo: real rows, two real models, and the traffic between them

  serve     --model v1|v2 [--port P] [--fail-every N] [--fail-between SECONDS..SECONDS]
            [--hang-every N] [--delay-millis N]
            a model server that answers the Open Inference Protocol
  replay    --gateway URL [--rate ROWS_PER_SECOND] [--from ROW] [--rows N] [--users U] [--connections C]
            [--seed S] [--loop] [--json] [--admin PATH --token T]
            45,312 half-hours of the NSW electricity market in their order; rate 0 does not wait. With --admin the
            gateway is told of late labels, feature retrievals, explanations and a training run, and users order
  explorer  --dir FOLDER [--port P]
            the files of the built explorer
  bench     --envoy PROGRAM --wasm FILE --noop FILE [--rounds N] [--seconds S] [--workers W] [--json]
            CPU time and latency a request: Envoy with no filter, a no-op one, Tidegate, Lua

A server's first line of output is {\"address\":\"127.0.0.1:P\"}; port 0, the default, takes a free one.
";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_env();
    let command = arguments.subcommand().ok().flatten();
    let done = match command.as_deref() {
        Some("serve") => serve(arguments),
        Some("replay") => replay(arguments),
        Some("explorer") => serve_explorer(arguments),
        Some("bench") => run_bench(arguments),
        Some(other) => {
            Err(format!("there is no command {other}; run tidegate-demo for the list").into())
        }
        None => {
            print!("{USAGE}");
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidegate-demo: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whatever is left was not understood.
fn finish(arguments: Arguments) -> Result<(), Error> {
    match arguments.finish().first() {
        None => Ok(()),
        Some(extra) => Err(format!(
            "{} is not an option here; run tidegate-demo for the list",
            extra.display()
        )
        .into()),
    }
}

fn serve(mut arguments: Arguments) -> Result<(), Error> {
    let port = arguments.opt_value_from_str("--port")?.unwrap_or(0);
    let model: String = arguments.value_from_str("--model")?;
    let faults = Faults {
        fail_every: arguments.opt_value_from_str("--fail-every")?.unwrap_or(0),
        fail_between_seconds: arguments
            .opt_value_from_fn("--fail-between", between)?
            .unwrap_or_default(),
        hang_every: arguments.opt_value_from_str("--hang-every")?.unwrap_or(0),
        delay_millis: arguments.opt_value_from_str("--delay-millis")?.unwrap_or(0),
    };
    finish(arguments)?;
    let server = ModelServer::new(Model::load(&model)?, faults);
    let listener = address::listen(port)?;
    address::announce(listener.local_addr()?)?;
    runtime()?.block_on(server::serve_model(listener, server)).map(|_| ())
}

/// Two times in seconds, as `60..90`.
fn between(text: &str) -> Result<(f64, f64), String> {
    text.split_once("..")
        .and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)))
        .filter(|(from, to)| from < to)
        .ok_or_else(|| format!("{text}: not two times in seconds like 60..90"))
}

fn serve_explorer(mut arguments: Arguments) -> Result<(), Error> {
    let port = arguments.opt_value_from_str("--port")?.unwrap_or(0);
    let folder: PathBuf = arguments.value_from_str("--dir")?;
    finish(arguments)?;
    if !folder.join("index.html").is_file() {
        return Err(
            format!("{} has no index.html: build the explorer first", folder.display()).into()
        );
    }
    let folder = Arc::new(folder);
    let listener = address::listen(port)?;
    address::announce(listener.local_addr()?)?;
    let answer = move |request| {
        let folder = Arc::clone(&folder);
        async move { explorer::answer(&folder, request).await }
    };
    runtime()?.block_on(server::serve(listener, answer)).map(|_| ())
}

fn replay(mut arguments: Arguments) -> Result<(), Error> {
    let gateway: String = arguments.value_from_str("--gateway")?;
    let tell = match arguments.opt_value_from_str("--admin")? {
        Some(path) => Some(Admin { path, token: arguments.value_from_str("--token")? }),
        None => None,
    };
    let options = Options {
        gateway: address_of(&gateway)?,
        rows_per_second: arguments.opt_value_from_str("--rate")?.unwrap_or(400.0),
        first_row: arguments.opt_value_from_str("--from")?.unwrap_or(0),
        row_count: arguments.opt_value_from_str("--rows")?,
        users: arguments.opt_value_from_str("--users")?.unwrap_or(1_000),
        connections: arguments.opt_value_from_str("--connections")?.unwrap_or(8),
        repeats: arguments.contains("--loop"),
        seed: arguments.opt_value_from_str("--seed")?.unwrap_or(1),
        tell,
    };
    let is_json = arguments.contains("--json");
    finish(arguments)?;
    let mut rows_before = 0;
    let totals = replay::replay(&options, |row, totals| {
        if !is_json {
            let rate = totals.rows - rows_before;
            println!(
                "row {row:>6}  {:<17}  {rate:>5} rows/s  {} errors",
                elec2::date_and_time(row),
                totals.errors
            );
        }
        rows_before = totals.rows;
    })?;
    if is_json {
        println!("{}", serde_json::to_string(&totals)?);
    } else {
        print_totals(&totals);
    }
    Ok(())
}

fn print_totals(totals: &Totals) {
    let Totals { requests, rows, errors, seconds, .. } = totals;
    println!("{requests} requests with {rows} rows in {seconds:.1} s, {errors} errors");
    for (version, totals) in &totals.versions {
        let accuracy = totals.correct as f64 / totals.rows.max(1) as f64;
        println!(
            "version {version}: {} requests, {} rows, accuracy {accuracy:.3}",
            totals.requests, totals.rows
        );
    }
}

/// The address in `http://host:port`.
fn address_of(url: &str) -> Result<SocketAddr, Error> {
    let authority = url.trim_start_matches("http://").trim_end_matches('/');
    authority
        .to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .ok_or_else(|| format!("--gateway {url}: not a URL like http://127.0.0.1:10000").into())
}

fn run_bench(mut arguments: Arguments) -> Result<(), Error> {
    let options = bench::Options {
        envoy: arguments.value_from_str("--envoy")?,
        tidegate: arguments.value_from_str("--wasm")?,
        noop: arguments.value_from_str("--noop")?,
        rounds: arguments.opt_value_from_str("--rounds")?.unwrap_or(3),
        seconds: arguments.opt_value_from_str("--seconds")?.unwrap_or(5.0),
        workers: arguments.opt_value_from_str("--workers")?.unwrap_or(1),
    };
    let is_json = arguments.contains("--json");
    finish(arguments)?;
    let runtime = runtime()?;
    let results = bench::run(&options, &runtime)?;
    if is_json {
        println!("{}", serde_json::to_string_pretty(&results)?);
    } else {
        print!("{}", results.table());
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
