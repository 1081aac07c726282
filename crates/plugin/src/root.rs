//! Root contexts: one a config and thread.

use std::cell::RefCell;
use std::rc::Rc;

use tidegate_filter::host::{CallId, LogLevel};
use tidegate_filter::{Host, TICK_MILLIS, Worker};

use crate::envoy::Envoy;
use crate::hostcall::{self, Buffer};
use crate::stream::answer_unheard;

thread_local! {
    /// The instances and ids of the root contexts of this VM, in the order of their configs. After a
    /// config update the old one lives on until its streams have drained.
    static CONFIGURED: RefCell<Vec<(String, u32)>> = const { RefCell::new(Vec::new()) };
}

pub(crate) struct Root {
    id: u32,
    worker: Option<Rc<RefCell<Worker>>>,
}

impl Root {
    pub(crate) fn new(id: u32) -> Self {
        Self { id, worker: None }
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn worker(&self) -> Option<Rc<RefCell<Worker>>> {
        self.worker.clone()
    }

    /// Whether this VM has a newer config of the same instance.
    fn is_superseded(&self, worker: &Worker) -> bool {
        CONFIGURED.with(|configured| {
            let Ok(configured) = configured.try_borrow() else { return false };
            let newest = configured.iter().rfind(|(instance, _)| instance == worker.instance());
            newest.is_some_and(|(_, id)| *id != self.id)
        })
    }

    fn forget(&self) {
        CONFIGURED.with(|configured| {
            if let Ok(mut configured) = configured.try_borrow_mut() {
                configured.retain(|(_, id)| *id != self.id);
            }
        });
    }

    /// It ends, or gets a config anew: another may lead.
    pub(crate) fn close(&mut self) {
        self.forget();
        if let Some(worker) = self.worker.take()
            && let Ok(mut worker) = worker.try_borrow_mut()
        {
            worker.close(&Envoy);
        }
    }

    pub(crate) fn on_answer(&self, id: CallId, body_bytes: usize) {
        if let Some(worker) = &self.worker
            && let Ok(mut worker) = worker.try_borrow_mut()
        {
            worker.on_answer(&Envoy, id, body_bytes);
        }
    }

    pub(crate) fn on_configure(&mut self, size: usize) -> bool {
        let config = hostcall::buffer(Buffer::PluginConfig, size).unwrap_or_default();
        match Worker::configure(&Envoy, &config) {
            Ok(worker) => {
                self.close();
                CONFIGURED.with(|configured| {
                    if let Ok(mut configured) = configured.try_borrow_mut() {
                        configured.push((worker.instance().into(), self.id));
                    }
                });
                self.worker = Some(Rc::new(RefCell::new(worker)));
                hostcall::set_tick_period(TICK_MILLIS);
                true
            }
            Err(problems) => {
                for problem in problems {
                    Envoy.log(LogLevel::Error, &format!("config refused: {problem}"));
                }
                false
            }
        }
    }

    pub(crate) fn on_tick(&self) {
        answer_unheard(self.id);
        if let Some(worker) = &self.worker
            && let Ok(mut worker) = worker.try_borrow_mut()
        {
            let superseded = self.is_superseded(&worker);
            worker.tick(&Envoy, superseded);
            #[cfg(feature = "trap")]
            crate::trap::on_tick(worker.leads());
        }
    }
}
