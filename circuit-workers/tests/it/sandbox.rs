//! What handlers are kept from. The kernel must have Landlock with TCP rules (Linux 6.7), else the
//! tests say that nothing is enforced.

use std::net::TcpListener;

use circuit_core::{Limits, Query, Record, Sandbox, Value};
use circuit_workers::Workers;

use crate::handler::Gate;
use crate::support::Setup;

#[tokio::test]
async fn the_host_is_told_outside_of_the_sandbox() {
    let (tell, told) = std::sync::mpsc::channel();
    let workers = Workers::builder().threads(1).sandboxed().start().unwrap();
    let circuit = circuit_core::Circuit::builder()
        .backend(circuit_db::Memory::new())
        .limits(Limits::circuit().with_limit_wall_clock(50))
        .executor(workers)
        .on_stuck(move |_| tell.send(std::fs::read_dir("/").is_ok()).unwrap())
        .build()
        .unwrap();
    let gate = Gate(4);
    circuit.insert(vec![Record::new("Blocking").with("Gate", gate.0)]).await.unwrap_err();
    assert!(told.recv().unwrap());
}

#[tokio::test]
async fn a_sandboxed_handler_opens_no_file_no_connection_and_no_program() {
    let setup = Setup::with(Some(Workers::builder().threads(1).sandboxed()), Limits::circuit());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = i64::from(listener.local_addr().unwrap().port());
    setup.circuit.insert(vec![Record::new("Touching").with("Port", port)]).await.unwrap();
    let found: Record = setup.circuit.query_one(Query::of("Touching")).await.unwrap();
    let got = |field: &str| found.get(field).cloned().unwrap_or_default();
    let refused = Value::from("PermissionDenied");
    match setup.circuit.protection().sandbox {
        Sandbox::FilesNetworkPrograms => {
            assert_eq!(
                [got("File"), got("Tcp"), got("Program")],
                [(); 3].map(|()| refused.clone())
            );
        }
        Sandbox::FilesPrograms => {
            assert_eq!([got("File"), got("Program")], [(); 2].map(|()| refused.clone()));
        }
        other => {
            assert_eq!(got("File"), Value::from("open"), "{other:?}");
            let strict = Workers::builder().threads(1).sandboxed_or_fail().start();
            assert!(strict.unwrap_err().message().contains("cannot be sandboxed"));
        }
    }
    assert_eq!(got("Outside"), Value::from(true), "on the host's runtime files are open");
}
