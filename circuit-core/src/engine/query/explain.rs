//! How a query inside an execution is answered.

use super::{need, overlay};
use crate::db::{QueryPlan, QueryStep};
use crate::engine::execution::Execution;
use crate::error::Result;
use crate::soql::IntoRows;
use crate::value::Text;

impl Execution {
    /// Returns how a query would be answered now: by the store alone, or with staged writes over it.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn explain(&self, query: impl IntoRows) -> Result<QueryPlan> {
        let engine = &self.state().engine;
        let query = query.into_rows(&self.query_context())?.resolve(&*engine.db)?;
        let staged = self.staged_objects();
        let name = |key: &Text| engine.catalog.get(key).name.to_string();
        let mut touched: Vec<String> =
            need::objects(&query).intersection(&staged).map(name).collect();
        if touched.is_empty() {
            return engine.db.explain(&query).await;
        }
        touched.sort();
        let dataset = self.staged_dataset(&query);
        let plan = engine.db.explain(&overlay::asked(&query, &staged, &dataset)).await?;
        let why = format!(
            "puts the staged writes of {} over what the store finds, fetches the parents, lists and \
             children that the query names, and finishes it",
            touched.join(", ")
        );
        Ok(plan.with(QueryStep::Finish(why)))
    }
}
