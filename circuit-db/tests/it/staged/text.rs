//! Queries as SOQL, with values in the text and in variables.

use std::fmt::Write;

use chrono_tz::Tz;
use circuit_core::{
    Aggregate, Bind, Column, Comparison, DatePart, Direction, DynamicSoql, Filter, Grouping,
    Groups, Nulls, Operand, OrderBy, Period, Query, Rows, Select, Text, TypeOf, Value,
};

use super::dice::Dice;
use super::world::World;

/// A query as text.
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) binds: Vec<(String, Bind)>,
}

impl Asked {
    /// Writes a query down; `None` for one that SOQL has no words for.
    pub(super) fn new(query: &Query, world: &World, seed: u64) -> Option<Self> {
        let mut writer = Writer {
            world,
            dice: Dice::new(seed),
            binds: Vec::new(),
            lists: true,
            object: query.object.clone(),
        };
        let mut text = writer.query(query, &query.object)?;
        if query.rows == Rows::All {
            text.push_str(" ALL ROWS");
        }
        Some(Self { text, binds: writer.binds })
    }

    /// Returns the text and the values of its variables.
    pub(super) fn shown(&self) -> String {
        self.binds.iter().fold(self.text.clone(), |shown, (name, bind)| match bind {
            Bind::One(value) => format!("{shown}\n{name} = {value:?}"),
            Bind::Many(values) => format!("{shown}\n{name} = {values:?}"),
        })
    }

    pub(super) fn soql(&self) -> circuit_core::Result<DynamicSoql> {
        let parsed = DynamicSoql::parse(&self.text)?;
        Ok(self.binds.iter().fold(parsed, |query, (name, bind)| match bind {
            Bind::One(value) => query.bind(name.as_str(), value),
            Bind::Many(values) => query.bind(name.as_str(), values),
        }))
    }
}

struct Writer<'w> {
    world: &'w World,
    dice: Dice,
    binds: Vec<(String, Bind)>,
    /// What the query is over: one for a list is over another object.
    object: Text,
    /// Whether there may be queries for lists: not in one another.
    lists: bool,
}

impl Writer<'_> {
    fn query(&mut self, query: &Query, from: &str) -> Option<String> {
        let mut text = match &query.select {
            Select::Count => format!("SELECT COUNT() FROM {from}"),
            Select::Columns(columns) => format!("SELECT {} FROM {from}", self.columns(columns)?),
            Select::Groups(groups) => format!("SELECT {} FROM {from}", self.selected(groups)?),
            _ => return None,
        };
        if let Some(filter) = &query.filter {
            write!(text, " WHERE {}", self.filter(filter, true)?).unwrap();
        }
        if let Select::Groups(groups) = &query.select {
            text += &self.group_by(groups)?;
        }
        // The number of records has no order.
        if !query.order.is_empty() && query.select != Select::Count {
            let keys: Option<Vec<_>> = query.order.iter().map(|key| self.order(key)).collect();
            write!(text, " ORDER BY {}", keys?.join(", ")).unwrap();
        }
        if let Some(limit) = query.limit {
            write!(text, " LIMIT {}", self.number(limit)).unwrap();
        }
        if query.offset > 0 {
            write!(text, " OFFSET {}", self.number(query.offset)).unwrap();
        }
        Some(text)
    }

    fn columns(&mut self, columns: &[Column]) -> Option<String> {
        let mut parts = Vec::new();
        for column in columns {
            parts.push(match column {
                Column::Value { operand, .. } => self.operand(operand)?,
                Column::Children(children) => {
                    let object = children.relationship.trim_end_matches('s').into();
                    let outer = std::mem::replace(&mut self.object, object);
                    let text = self.query(&children.query, &children.relationship)?;
                    self.object = outer;
                    format!("({text})")
                }
                Column::TypeOf(type_of) => written_type_of(type_of),
                _ => return None,
            });
        }
        Some(parts.join(", "))
    }

    fn selected(&mut self, groups: &Groups) -> Option<String> {
        let mut parts = Vec::new();
        for (operand, name) in &groups.columns {
            parts.push(format!("{} {name}", self.operand(operand)?));
        }
        Some(parts.join(", "))
    }

    fn group_by(&mut self, groups: &Groups) -> Option<String> {
        let keys: Option<Vec<_>> = groups.keys.iter().map(|key| self.operand(key)).collect();
        let keys = keys?.join(", ");
        let mut text = match groups.grouping {
            Grouping::Plain => format!(" GROUP BY {keys}"),
            Grouping::Rollup => format!(" GROUP BY ROLLUP({keys})"),
            Grouping::Cube => format!(" GROUP BY CUBE({keys})"),
        };
        if let Some(having) = &groups.having {
            write!(text, " HAVING {}", self.filter(having, false)?).unwrap();
        }
        Some(text)
    }

    fn order(&mut self, key: &OrderBy) -> Option<String> {
        let direction = if key.direction == Direction::Descending { " DESC" } else { " ASC" };
        let nulls = if key.nulls == Nulls::Last { " NULLS LAST" } else { "" };
        Some(format!("{}{direction}{nulls}", self.operand(&key.operand)?))
    }

    fn operand(&mut self, operand: &Operand) -> Option<String> {
        Some(match operand {
            Operand::Field(path) if self.dice.chance(20) => path.to_string().to_lowercase(),
            Operand::Field(path) => path.to_string(),
            Operand::Date(part, path, zone) if *zone == Tz::UTC => {
                format!("{}({path})", function(*part)?)
            }
            Operand::Date(part, path, zone) if *zone == self.world.zone => {
                format!("{}(convertTimezone({path}))", function(*part)?)
            }
            Operand::FormatOf(inner) => format!("FORMAT({})", self.operand(inner)?),
            Operand::Aggregate(aggregate, Some(path)) => {
                let name = match aggregate {
                    Aggregate::Count => "COUNT",
                    Aggregate::CountDistinct => "COUNT_DISTINCT",
                    Aggregate::Min => "MIN",
                    Aggregate::Max => "MAX",
                    Aggregate::Sum => "SUM",
                    Aggregate::Avg => "AVG",
                };
                format!("{name}({path})")
            }
            _ => return None,
        })
    }

    /// `top` is where SOQL takes queries for lists.
    fn filter(&mut self, filter: &Filter, top: bool) -> Option<String> {
        Some(match filter {
            Filter::And(all) => self.joined(all, " AND ", top)?,
            Filter::Or(any) => self.joined(any, " OR ", false)?,
            Filter::Not(inner) => match (&**inner, self.dice.chance(50)) {
                (Filter::In { operand, values }, true) => self.is_in(operand, "NOT IN", values)?,
                (Filter::Includes { .. }, true) => {
                    self.filter(inner, false)?.replacen(" INCLUDES ", " EXCLUDES ", 1)
                }
                (Filter::InQuery { .. }, _) if top => {
                    self.filter(inner, true)?.replacen(" IN ", " NOT IN ", 1)
                }
                _ => format!("NOT ({})", self.filter(inner, false)?),
            },
            Filter::Compare { operand, comparison, value } => {
                let right = self.value(value);
                format!("{} {} {right}", self.operand(operand)?, sign(*comparison))
            }
            Filter::In { operand, values } => self.is_in(operand, "IN", values)?,
            Filter::Like { operand, pattern } => {
                let right = if self.dice.chance(50) {
                    self.bound(Bind::One(Value::Text(pattern.clone())))
                } else {
                    format!("'{}'", pattern.replace('\'', "\\'"))
                };
                format!("{} LIKE {right}", self.operand(operand)?)
            }
            Filter::Within { operand, comparison, period } => {
                let word = self.word(period)?;
                format!("{} {} {word}", self.operand(operand)?, sign(*comparison))
            }
            Filter::Includes { operand, sets } => {
                let sets: Vec<Value> = sets.iter().map(|set| set.join(";").into()).collect();
                self.is_in(operand, "INCLUDES", &sets)?
            }
            Filter::InQuery { operand, query }
                if top && self.lists && query.object != self.object =>
            {
                self.lists = false;
                let list = self.query(query, &query.object)?;
                self.lists = true;
                format!("{} IN ({list})", self.operand(operand)?)
            }
            _ => return None,
        })
    }

    fn joined(&mut self, parts: &[Filter], word: &str, top: bool) -> Option<String> {
        let parts: Option<Vec<_>> = parts
            .iter()
            .map(|part| self.filter(part, top).map(|text| format!("({text})")))
            .collect();
        Some(parts?.join(word))
    }

    fn is_in(&mut self, operand: &Operand, word: &str, values: &[Value]) -> Option<String> {
        let list = if values.is_empty() || self.dice.chance(50) {
            self.bound(Bind::Many(values.to_vec()))
        } else {
            let values: Vec<_> = values.iter().map(|value| self.value(value)).collect();
            format!("({})", values.join(", "))
        };
        Some(format!("{} {word} {list}", self.operand(operand)?))
    }

    /// Of the words that mean the same days, any will do.
    fn word(&mut self, period: &Period) -> Option<String> {
        let same: Vec<&String> = self
            .world
            .words
            .iter()
            .filter(|(_, own)| own == period)
            .map(|(word, _)| word)
            .collect();
        if same.is_empty() {
            return None;
        }
        Some((*self.dice.pick(&same)).clone())
    }

    fn number(&mut self, number: usize) -> String {
        if self.dice.chance(50) {
            return self.bound(Bind::One(Value::from(number as i64)));
        }
        number.to_string()
    }

    fn value(&mut self, value: &Value) -> String {
        if self.dice.chance(50) {
            return self.bound(Bind::One(value.clone()));
        }
        match value {
            Value::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Value::Id(id) => format!("'{id}'"),
            Value::Integer(number) => number.to_string(),
            Value::Decimal(number) => number.to_string(),
            Value::Date(day) => day.to_string(),
            Value::DateTime(at) => at.with_timezone(&self.world.zone).to_rfc3339(),
            _ => "null".to_owned(),
        }
    }

    /// Names match without regard to case.
    fn bound(&mut self, bind: Bind) -> String {
        let n = self.binds.len();
        self.binds.push((format!("b{n}"), bind));
        if self.dice.chance(20) { format!(":B{n}") } else { format!(":b{n}") }
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "=",
        Comparison::Ne => "!=",
        Comparison::Lt => "<",
        Comparison::Le => "<=",
        Comparison::Gt => ">",
        Comparison::Ge => ">=",
    }
}

fn function(part: DatePart) -> Option<&'static str> {
    Some(match part {
        DatePart::Month => "CALENDAR_MONTH",
        DatePart::Quarter => "CALENDAR_QUARTER",
        DatePart::Year => "CALENDAR_YEAR",
        DatePart::DayInMonth => "DAY_IN_MONTH",
        DatePart::DayInWeek => "DAY_IN_WEEK",
        DatePart::DayInYear => "DAY_IN_YEAR",
        DatePart::DayOnly => "DAY_ONLY",
        DatePart::HourInDay => "HOUR_IN_DAY",
        DatePart::WeekInMonth => "WEEK_IN_MONTH",
        DatePart::WeekInYear => "WEEK_IN_YEAR",
        _ => return None,
    })
}

fn written_type_of(type_of: &TypeOf) -> String {
    let mut text = format!("TYPEOF {}", type_of.hop.relationship);
    for (object, fields) in &type_of.branches {
        let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
        write!(text, " WHEN {object} THEN {}", fields.join(", ")).unwrap();
    }
    let fields: Vec<_> = type_of.otherwise.iter().map(ToString::to_string).collect();
    write!(text, " ELSE {} END", fields.join(", ")).unwrap();
    text
}
