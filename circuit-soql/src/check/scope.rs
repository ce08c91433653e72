//! What names mean in one query: its object, its aliases, the relationships that lead away.

use std::sync::Arc;

use super::Checker;
use super::report::Report;
use super::suggest::nearest;
use crate::ast::{From, Name, Path};
use crate::schema::{Field, Found, Object};

/// What a path has reached.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A record of this object.
    Object(Arc<Object>),
    /// A record of one of several objects, behind this relationship: it has the fields of `Name`.
    Several(Arc<Object>, String),
    /// Something that no schema describes.
    Open,
}

/// The names of one query.
#[derive(Debug)]
pub(super) struct Scope {
    /// The record that the query is over.
    pub(super) root: Node,
    /// The aliases: what each stands for, and the relationships that lead there.
    aliases: Vec<(String, Node, String)>,
}

/// A field that a path has led to.
#[derive(Debug, Clone)]
pub(super) struct FieldRef {
    pub(super) object: Arc<Object>,
    index: usize,
}

impl FieldRef {
    pub(super) fn field(&self) -> &Field {
        &self.object.fields[self.index]
    }
}

impl Scope {
    /// Returns the names of a record without aliases.
    pub(super) fn over(root: Node) -> Self {
        Self { root, aliases: Vec::new() }
    }

    /// Returns where a path starts, the relationships that lead there, and what is left of it.
    ///
    /// `Contact.Name` is the name of the contact itself where the query is over contacts.
    pub(super) fn start<'p>(&self, path: &'p Path) -> (Node, &str, &'p [Name]) {
        let [first, rest @ ..] = path.names.as_slice() else {
            return (Node::Open, "", &[]);
        };
        if !rest.is_empty() {
            if let Some((_, node, lead)) = self.aliases.iter().find(|(alias, ..)| first.is(alias)) {
                return (node.clone(), lead, rest);
            }
            if let Node::Object(object) = &self.root
                && object.parent(&first.text).is_none()
                && first.is(&object.name)
            {
                return (self.root.clone(), "", rest);
            }
        }
        (self.root.clone(), "", &path.names)
    }

    /// Returns the path without aliases and in lower case: equal for equal fields.
    pub(super) fn canonical(&self, path: &Path) -> String {
        let (_, lead, rest) = self.start(path);
        let mut text = lead.to_owned();
        for name in rest {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(&name.text.to_ascii_lowercase());
        }
        text
    }

    /// Returns the number of relationships that the path goes through.
    pub(super) fn depth(&self, path: &Path) -> usize {
        self.canonical(path).matches('.').count()
    }
}

impl Checker<'_> {
    /// Returns the names of a query over a record.
    pub(super) fn scope(&mut self, from: &From, root: Node) -> Scope {
        let mut scope = Scope::over(root.clone());
        if let Some(alias) = &from.alias {
            scope.aliases.push((alias.text.to_string(), root, String::new()));
        }
        for relation in &from.relations {
            let lead = scope.canonical(&relation.path);
            let node = self.record(&relation.path, &scope);
            let last = relation.path.names.last();
            let Some(alias) = relation.alias.as_ref().or(last) else {
                continue;
            };
            if scope.aliases.iter().any(|(other, ..)| alias.is(other)) {
                self.report.at(alias.span, format!("the alias `{alias}` is there twice"));
            }
            scope.aliases.push((alias.text.to_string(), node, lead));
        }
        scope
    }

    /// Returns the record that a path of relationships alone leads to.
    pub(super) fn record(&mut self, path: &Path, scope: &Scope) -> Node {
        let (node, _, names) = scope.start(path);
        names.iter().try_fold(node, |node, name| self.step(&node, name)).unwrap_or(Node::Open)
    }

    /// Returns the field that a path leads to; `None` where nothing is known, or it was reported.
    pub(super) fn field(&mut self, path: &Path, scope: &Scope) -> Option<FieldRef> {
        let (node, _, names) = scope.start(path);
        let (last, relationships) = names.split_last()?;
        let node = relationships.iter().try_fold(node, |node, name| self.step(&node, name))?;
        match node {
            Node::Object(object) => self.field_of(&object, last),
            Node::Several(object, way) => {
                if object.field(&last.text).is_none() {
                    self.not_common(&object, last, &way);
                    return None;
                }
                self.field_of(&object, last)
            }
            Node::Open => None,
        }
    }

    /// Follows a relationship.
    pub(super) fn step(&mut self, node: &Node, name: &Name) -> Option<Node> {
        let object = match node {
            Node::Open => return Some(Node::Open),
            Node::Object(object) | Node::Several(object, _) => object,
        };
        let Some(field) = object.parent(&name.text) else {
            match node {
                Node::Several(_, way) => self.not_common(object, name, way),
                _ => self.unknown_relationship(object, name),
            }
            return None;
        };
        match field.references.as_slice() {
            [] => Some(Node::Open),
            [target] => match self.catalog.object(target) {
                Found::Object(object) => Some(Node::Object(object)),
                Found::Open => Some(Node::Open),
                Found::Missing => {
                    let message = format!(
                        "`{name}` leads to `{target}`, and there is no description of that object"
                    );
                    self.report.at(name.span, message);
                    None
                }
            },
            _ => Some(Node::Several(self.name_object(), name.text.to_string())),
        }
    }

    /// Returns the field that a path leads to, without a word where there is none.
    pub(super) fn found(&self, path: &Path, scope: &Scope) -> Option<FieldRef> {
        let mut silent =
            Checker { catalog: self.catalog, report: Report::default(), binds: Vec::new() };
        silent.field(path, scope)
    }

    /// Returns the field of this name.
    fn field_of(&mut self, object: &Arc<Object>, name: &Name) -> Option<FieldRef> {
        let index = object.fields.iter().position(|field| name.is(&field.name));
        if index.is_none() {
            self.unknown_field(object, name);
        }
        index.map(|index| FieldRef { object: Arc::clone(object), index })
    }

    /// Salesforce: behind a relationship to several objects there are the fields of `Name`; the
    /// others need TYPEOF.
    fn not_common(&mut self, object: &Object, name: &Name, way: &str) {
        let fields = object.fields.iter().map(|field| field.name.as_str());
        let near = nearest(&name.text, fields).map(str::to_owned);
        let message = format!(
            "`{way}` leads to several objects, which do not all have `{name}`: use \
             `TYPEOF {way} WHEN .. THEN {name} END`"
        );
        self.report.suggest(name.span, message, near);
    }
}
