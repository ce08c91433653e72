use circuit_core::prelude::*;
use circuit_core::{Bind, Circuit};

#[derive(SObject, Debug)]
#[sobject("contact")]
pub struct Person {
    pub id: Option<RecordId>,
    pub email: Option<String>,
    #[sobject(flatten)]
    pub other: FieldMap,
}

pub async fn read(circuit: &Circuit, owners: &[RecordId]) {
    let email = "a@b.c".to_owned();
    let people = circuit.query::<Person>(soql!(
        "SELECT Id, Email, FirstName, Account.Owner.Name
         FROM Contact
         WHERE CreatedDate = LAST_N_DAYS:30 AND OwnerId IN :owners AND Email = :email
         LIMIT :most",
        owners,
        most = owners.len(),
        email = &email,
    ));
    let _ = people.await;
    let _ = circuit
        .query::<Record>(soql!(r"SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'x'"))
        .await;
}

fn main() {
    let tasks = soql!("SELECT Id, Who.Name FROM task WHERE WhoId IN :ids", ids = ["a", "b"]);
    assert_eq!(tasks.bind("ids"), Some(&Bind::Many(vec!["a".into(), "b".into()])));
    soql!("SELECT Title, (SELECT Due FROM Milestones), Account.Name FROM Project__c");
    let _ = soql!("SELECT TYPEOF Who WHEN Contact THEN Email ELSE Name END FROM Task");
}
