//! `tidegate-schemas DIRECTORY`: one JSON Schema a file format.

use std::path::Path;
use std::process::ExitCode;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use tidegate_core::compare::ChunkOptions;
use tidegate_core::evaluation::{ChunkedEstimation, Estimation, EvaluateOptions, Evaluation};
use tidegate_core::event::{Event, Taken};
use tidegate_core::experiment::{
    DesignOptions, ExperimentAnalysisOptions, ExperimentDesign, ExperimentReport,
};
use tidegate_core::observatory::ObservatoryOptions;
use tidegate_core::remediation::Directives;
use tidegate_core::report::{ChunkedReport, Report};
use tidegate_core::{profile::Profile, snapshot::Snapshot};
use tidegate_filter::config::schema::ConfigSchema;

fn main() -> ExitCode {
    let Some(directory) = std::env::args().nth(1) else {
        eprintln!("usage: tidegate-schemas DIRECTORY");
        return ExitCode::from(2);
    };
    match write_all(Path::new(&directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{directory}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    // What others write may leave out what has a default; what we write leaves nothing out.
    let read = SchemaSettings::draft2020_12();
    let written = SchemaSettings::draft2020_12().for_serialize();
    write::<ConfigSchema>(directory, "config", read.clone())?;
    write::<Event>(directory, "event", read.clone())?;
    write::<Profile>(directory, "profile", read.clone())?;
    write::<Report>(directory, "report", written.clone())?;
    write::<ChunkOptions>(directory, "chunk_options", read.clone())?;
    write::<ChunkedReport>(directory, "chunked_report", written.clone())?;
    write::<ChunkedEstimation>(directory, "chunked_estimation", written.clone())?;
    write::<DesignOptions>(directory, "design_options", read.clone())?;
    write::<Directives>(directory, "directives", written.clone())?;
    write::<Estimation>(directory, "estimation", written.clone())?;
    write::<EvaluateOptions>(directory, "evaluate_options", read.clone())?;
    write::<Evaluation>(directory, "evaluation", written.clone())?;
    write::<ExperimentDesign>(directory, "experiment_design", written.clone())?;
    write::<ExperimentAnalysisOptions>(directory, "experiment_analysis_options", read.clone())?;
    write::<ExperimentReport>(directory, "experiment_report", written.clone())?;
    write::<ObservatoryOptions>(directory, "observatory_options", read)?;
    write::<Snapshot>(directory, "snapshot", written.clone())?;
    write::<Taken>(directory, "taken", written)
}

fn write<T: JsonSchema>(
    directory: &Path,
    name: &str,
    settings: SchemaSettings,
) -> std::io::Result<()> {
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    std::fs::write(directory.join(format!("{name}.schema.json")), text)
}
