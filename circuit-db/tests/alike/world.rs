//! Random schemas and records.

use circuit_core::{
    CircuitDB, CommitOutcome, CommitPlan, FetchRequest, FieldSchema, FieldType, ObjectSchema,
    OnDelete, Record, RecordId, Value, Write, WriteKind,
};

use crate::dice::Dice;
use crate::value;

/// One field of an object.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: FieldType,
    /// Whether numbers in it are at the edge.
    pub(crate) big: bool,
}

/// One object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) name: &'static str,
    /// Whether it has a schema.
    pub(crate) declared: bool,
    pub(crate) fields: Vec<Field>,
    /// The parents by the number of the reference: `R0Id` leads to `R0`.
    pub(crate) references: Vec<Vec<&'static str>>,
}

/// Some objects with their records.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) objects: Vec<Object>,
    pub(crate) schemas: Vec<ObjectSchema>,
    records: Vec<Record>,
    deletes: Vec<(&'static str, RecordId, Option<RecordId>)>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let mut names = vec!["Acc", "Con"];
        names.extend(["Tas"].iter().filter(|_| dice.chance(60)));
        let with_open = dice.chance(60);
        let mut all = names.clone();
        all.extend(["Open"].iter().filter(|_| with_open));
        let objects: Vec<Object> =
            all.iter().map(|name| object(dice, name, *name != "Open", &all)).collect();
        let schemas = objects
            .iter()
            .filter(|object| object.declared)
            .map(|object| schema(dice, object))
            .collect();
        let (mut records, mut deletes) = (Vec::new(), Vec::new());
        for object in &objects {
            for n in 0..dice.below(8) {
                let id: RecordId = format!("{}{n}", object.name).parse().unwrap();
                records.push(record(dice, object, &id));
                if dice.chance(20) {
                    let root = dice.chance(50).then(|| value::id(dice));
                    deletes.push((object.name, id, root));
                }
            }
            if dice.chance(50) {
                let id = "001D000000IRFmaIAH".parse().unwrap();
                records.push(record(dice, object, &id));
            }
        }
        Self { objects, schemas, records, deletes }
    }

    pub(crate) fn object(&self, name: &str) -> &Object {
        self.objects.iter().find(|object| object.name == name).unwrap()
    }

    /// Stores the records and deletes some.
    pub(crate) async fn fill(&self, store: &dyn CircuitDB) {
        let insert = |record: &Record| {
            Write::new(WriteKind::Insert, record.id().unwrap().clone(), record.clone())
        };
        commit(store, self.records.iter().map(insert).collect()).await;
        for (object, id, root) in &self.deletes {
            let request = FetchRequest::by_id(*object, [id.clone()]);
            let old = store.fetch(&request).await.unwrap().pop().flatten().unwrap();
            let write = Write::new(WriteKind::Delete, id.clone(), old.record.clone());
            let mut write = write.with_base(old.record, old.version);
            write.deleted_with = root.clone().map(Box::new);
            commit(store, vec![write]).await;
        }
    }
}

async fn commit(store: &dyn CircuitDB, writes: Vec<Write>) {
    let outcome = store.commit(CommitPlan::new(writes)).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
}

fn object(dice: &mut Dice, name: &'static str, declared: bool, all: &[&'static str]) -> Object {
    let mut fields = Vec::new();
    for n in 0..7 {
        // The same name has other types in other objects.
        let types = if dice.chance(15) { &value::TYPES[..] } else { &value::TYPES[..9] };
        let mut field_type = if dice.chance(60) { value::TYPES[n] } else { *dice.pick(types) };
        if !declared && field_type == FieldType::Any {
            field_type = FieldType::Text;
        }
        fields.push(Field { name: format!("F{n}"), kind: field_type, big: false });
    }
    let big = if dice.chance(50) { FieldType::Decimal } else { FieldType::Integer };
    fields.push(Field { name: "Big".to_owned(), kind: big, big: true });
    for name in ["Lat", "Lon"] {
        fields.push(Field { name: name.to_owned(), kind: FieldType::Decimal, big: false });
    }
    fields.push(Field { name: "Code".to_owned(), kind: FieldType::Text, big: false });
    if dice.chance(30) {
        fields.push(Field { name: "Type".to_owned(), kind: FieldType::Text, big: false });
    }
    let references = if declared {
        let one = vec![*dice.pick(all)];
        let mut many: Vec<_> = all.iter().copied().filter(|_| dice.chance(70)).collect();
        if many.is_empty() {
            many.push(name);
        }
        vec![one, many]
    } else {
        Vec::new()
    };
    Object { name, declared, fields, references }
}

fn schema(dice: &mut Dice, object: &Object) -> ObjectSchema {
    let mut schema = ObjectSchema::new(object.name);
    for field in &object.fields {
        let declared = FieldSchema::new(field.name.as_str(), field.kind);
        schema = schema.with_field(match field.name.as_str() {
            "Code" => declared.unique(),
            _ if dice.chance(30) => declared.indexed(),
            _ => declared,
        });
    }
    for (n, parents) in object.references.iter().enumerate() {
        let field = FieldSchema::new(format!("R{n}Id"), FieldType::Id);
        let field = field.with_reference(parents[0], OnDelete::Clear);
        let field = parents[1..].iter().fold(field, |field, parent| field.or_reference(*parent));
        let children = format!("{}Kids{n}", object.name);
        schema = schema.with_field(field.with_relationship(format!("R{n}"), children));
    }
    schema
}

fn record(dice: &mut Dice, object: &Object, id: &RecordId) -> Record {
    let mut record = Record::new(object.name).with_id(id.clone());
    for field in &object.fields {
        match field.name.as_str() {
            "Code" if dice.chance(70) => record.set("Code", format!("c{}", id.as_str())),
            "Code" => record.set("Code", Value::Null),
            _ if dice.chance(15) => record.set(&field.name, Value::Null),
            _ if dice.chance(10) => {}
            name => record.set(name, value::of(dice, field.kind, field.big)),
        }
    }
    for n in 0..object.references.len() {
        if dice.chance(85) {
            record.set(format!("R{n}Id"), value::id(dice));
        }
    }
    record
}
