//! What fetches found out of models beside their profiles, until something newer is found.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tidegate_core::observatory::{ModelSettings, Settings};
use tidegate_core::quality::Calibration;

use crate::config::{Config, Importances};
use crate::errand::fetch::{Subject, Taken, remotes};

/// Which models have what fetched, by their names, as the config says.
#[derive(Debug, Default)]
pub(crate) struct Awaited {
    calibrations: Vec<String>,
    importances: Vec<String>,
}

impl Awaited {
    pub(crate) fn new(config: &Config) -> Self {
        let mut awaited = Self::default();
        for model in &config.models {
            let Some(name) = &model.name else { continue };
            for (subject, _) in remotes(model) {
                match subject {
                    Subject::Columns => {}
                    Subject::Confidences => awaited.calibrations.push(name.clone()),
                    Subject::Importances => awaited.importances.push(name.clone()),
                }
            }
        }
        awaited
    }
}

/// What was found, by model.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Given {
    calibrations: BTreeMap<String, Calibration>,
    importances: BTreeMap<String, Importances>,
    /// How often it changed.
    changes: u64,
}

impl Given {
    /// Takes what a fetch found, if that is for here.
    pub(crate) fn take(&mut self, model_name: &str, taken: &Taken) {
        match taken {
            Taken::Profile(_) => return,
            Taken::Calibration(found) => {
                self.calibrations.insert(model_name.into(), found.as_ref().clone());
            }
            Taken::Importances(found) => {
                self.importances.insert(model_name.into(), found.clone());
            }
        }
        self.changes = self.changes.wrapping_add(1);
    }

    /// Takes over what was found since.
    pub(crate) fn update(&mut self, newer: Self) {
        self.calibrations.extend(newer.calibrations);
        self.importances.extend(newer.importances);
        self.changes = self.changes.wrapping_add(newer.changes).wrapping_add(1);
    }

    /// Forgets what no config awaits any more.
    pub(crate) fn keep(&mut self, awaited: &Awaited) {
        let before = self.calibrations.len() + self.importances.len();
        self.calibrations.retain(|name, _| awaited.calibrations.contains(name));
        self.importances.retain(|name, _| awaited.importances.contains(name));
        if self.calibrations.len() + self.importances.len() < before {
            self.changes = self.changes.wrapping_add(1);
        }
    }

    /// Adds what was found to the settings.
    pub(crate) fn complete(&self, settings: &mut Settings) {
        for model in &mut settings.models {
            let ModelSettings { name: Some(name), .. } = model else { continue };
            if let Some(found) = self.calibrations.get(name) {
                model.calibration = Some(found.clone());
            }
            if let Some(found) = self.importances.get(name) {
                model.importances.clone_from(found);
            }
        }
    }
}

/// Settings with what was found, made anew only when either changed.
#[derive(Debug, Default)]
pub(crate) struct Completed(Option<(Rc<Settings>, u64, Rc<Settings>)>);

impl Completed {
    pub(crate) fn settings(&mut self, plain: &Rc<Settings>, given: &Given) -> Rc<Settings> {
        if given.calibrations.is_empty() && given.importances.is_empty() {
            self.0 = None;
            return Rc::clone(plain);
        }
        if let Some((of, changes, completed)) = &self.0
            && Rc::ptr_eq(of, plain)
            && *changes == given.changes
        {
            return Rc::clone(completed);
        }
        let mut settings = Settings::clone(plain);
        given.complete(&mut settings);
        let completed = Rc::new(settings);
        self.0 = Some((Rc::clone(plain), given.changes, Rc::clone(&completed)));
        completed
    }
}
