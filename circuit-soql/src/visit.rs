//! Walking over a tree.

use crate::ast::{
    Argument, Bind, Call, Comparison, Condition, Count, Expression, Item, Literal, Path, Query,
    Right, SelectItem, SetOptions, With,
};

/// Sees the nodes of a tree, in the order in which they are written.
///
/// Each method walks on into its node by default; a method of your own that also wants what is
/// inside calls the function of the same name: `walk_query(self, query)`.
///
/// # Examples
/// ```
/// use circuit_soql::ast::{Bind, Query};
/// use circuit_soql::visit::Visit;
/// use circuit_soql::{Dialect, parse};
///
/// #[derive(Default)]
/// struct Binds<'t>(Vec<&'t str>);
///
/// impl<'t> Visit<'t> for Binds<'t> {
///     fn bind(&mut self, bind: &'t Bind) {
///         self.0.push(&bind.text);
///     }
/// }
///
/// let text = "SELECT Id FROM Task WHERE WhoId IN :ids AND OwnerId = :owner.Id LIMIT :most";
/// let query = parse(text, Dialect::Apex)?;
/// let mut binds = Binds::default();
/// binds.query(&query);
/// assert_eq!(binds.0, ["ids", "owner.Id", "most"]);
/// # Ok::<(), circuit_soql::Errors>(())
/// ```
pub trait Visit<'t> {
    /// Sees the statement or a sub-query.
    fn query(&mut self, query: &'t Query) {
        walk_query(self, query);
    }

    /// Sees one thing that is selected.
    fn select_item(&mut self, item: &'t SelectItem) {
        walk_select_item(self, item);
    }

    /// Sees `WITH`.
    fn with(&mut self, _: &'t With) {}

    /// Sees a condition, and each part of it.
    fn condition(&mut self, condition: &'t Condition) {
        walk_condition(self, condition);
    }

    /// Sees a comparison.
    fn comparison(&mut self, comparison: &'t Comparison) {
        walk_comparison(self, comparison);
    }

    /// Sees a field or a function.
    fn expression(&mut self, expression: &'t Expression) {
        walk_expression(self, expression);
    }

    /// Sees a field; not the objects behind `FROM`.
    fn path(&mut self, _: &'t Path) {}

    /// Sees a call of a function.
    fn call(&mut self, call: &'t Call) {
        walk_call(self, call);
    }

    /// Sees a literal.
    fn literal(&mut self, _: &'t Literal) {}

    /// Sees a variable.
    fn bind(&mut self, _: &'t Bind) {}
}

/// Walks into a query.
pub fn walk_query<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, query: &'t Query) {
    query.select.iter().for_each(|item| visitor.select_item(item));
    query.filter.iter().for_each(|filter| visitor.condition(filter));
    query.with.iter().for_each(|with| visitor.with(with));
    let keys = query.group.iter().flat_map(|group| &group.keys);
    keys.for_each(|key| visitor.expression(key));
    query.having.iter().for_each(|having| visitor.condition(having));
    query.order.iter().for_each(|order| visitor.expression(&order.expression));
    for count in query.limit.iter().chain(&query.offset) {
        if let Count::Bind(bind) = count {
            visitor.bind(bind);
        }
    }
    let binds = query.lookup.iter().flat_map(|lookup| &lookup.binds);
    binds.for_each(|bind| visitor.literal(&bind.value));
    match query.options.as_deref() {
        Some(SetOptions::Bind(bind)) => visitor.bind(bind),
        Some(SetOptions::List(all)) => all.iter().for_each(|one| visitor.literal(&one.value)),
        None => {}
    }
}

/// Walks into one thing that is selected.
pub fn walk_select_item<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, item: &'t SelectItem) {
    match item {
        SelectItem::Expression(selected) => visitor.expression(&selected.expression),
        SelectItem::Count(_) | SelectItem::Fields(..) => {}
        SelectItem::SubQuery(query) => visitor.query(query),
        SelectItem::TypeOf(type_of) => {
            visitor.path(&type_of.relationship);
            let fields = type_of.branches.iter().flat_map(|branch| &branch.fields);
            fields.chain(&type_of.otherwise).for_each(|field| visitor.path(field));
        }
    }
}

/// Walks into a condition.
pub fn walk_condition<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, condition: &'t Condition) {
    match condition {
        Condition::And(all) | Condition::Or(all) => {
            for one in all {
                visitor.condition(one);
            }
        }
        Condition::Not(inner, _) => visitor.condition(inner),
        Condition::Compare(comparison) => visitor.comparison(comparison),
    }
}

/// Walks into a comparison.
pub fn walk_comparison<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, comparison: &'t Comparison) {
    visitor.expression(&comparison.left);
    match &comparison.right {
        Right::Literal(literal) => visitor.literal(literal),
        Right::Bind(bind) => visitor.bind(bind),
        Right::List(items, _) => {
            for item in items {
                match item {
                    Item::Literal(literal) => visitor.literal(literal),
                    Item::Bind(bind) => visitor.bind(bind),
                }
            }
        }
        Right::Query(query) => visitor.query(query),
    }
}

/// Walks into a field or a function.
pub fn walk_expression<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, expression: &'t Expression) {
    match expression {
        Expression::Path(path) => visitor.path(path),
        Expression::Call(call) => visitor.call(call),
    }
}

/// Walks into a call of a function.
pub fn walk_call<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, call: &'t Call) {
    for argument in &call.arguments {
        match argument {
            Argument::Expression(expression) => visitor.expression(expression),
            Argument::Literal(literal) => visitor.literal(literal),
            Argument::Bind(bind) => visitor.bind(bind),
        }
    }
}
