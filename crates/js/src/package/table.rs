use tidegate_core::report::ColumnKind;
use tidegate_core::table::{Column, Table};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error;

/// A table in the module's memory.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct TableHandle(Table);

impl From<Table> for TableHandle {
    fn from(table: Table) -> Self {
        Self(table)
    }
}

impl TableHandle {
    pub(crate) const fn table(&self) -> &Table {
        &self.0
    }
}

#[wasm_bindgen]
impl TableHandle {
    /// A table without columns.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column of numbers; NaN is missing.
    ///
    /// # Errors
    /// The kinds of [`tidegate_core::table::TableError`].
    #[wasm_bindgen(js_name = pushNumeric)]
    pub fn push_numeric(&mut self, name: String, values: Vec<f64>) -> Result<(), JsValue> {
        self.0.try_push(name, Column::Numeric(values)).map_err(error::throw)
    }

    /// Adds a column of categories: indices into `levels`, `0xffffffff` where missing.
    ///
    /// # Errors
    /// The kinds of [`tidegate_core::table::TableError`].
    #[wasm_bindgen(js_name = pushCategorical)]
    pub fn push_categorical(
        &mut self,
        name: String,
        codes: Vec<u32>,
        levels: Vec<String>,
    ) -> Result<(), JsValue> {
        self.0.try_push(name, Column::Categorical { codes, levels }).map_err(error::throw)
    }

    /// Rows.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.0.rows() as f64
    }

    /// Names of the columns, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.0.columns().map(|(name, _)| name.to_owned()).collect()
    }

    /// `numeric` or `categorical`, or nothing where there is no such column.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<String> {
        let kind = match self.0.column(name)?.kind() {
            ColumnKind::Numeric => "numeric",
            ColumnKind::Categorical => "categorical",
        };
        Some(kind.to_owned())
    }
}
