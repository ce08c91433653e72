//! CSV, good and bad.

use circuit_core::Value;
use lead_scoring::input::{COLUMNS, CustomFields, Format, Reader};

use crate::Rows;

fn of(text: impl AsRef<[u8]>) -> Rows {
    Rows::of_file("leads.csv", text)
}

fn header_error(text: &str) -> String {
    let folder = crate::folder(&[("leads.csv", text.as_bytes())]);
    let path = folder.path().join("leads.csv");
    Reader::open(&path, Format::Csv, CustomFields::default())
        .expect_err("the header is wrong")
        .to_string()
}

#[test]
fn cells_become_the_types_of_their_columns() {
    let rows = of("id,firstName,pageViews,demoRequested\na,Ada, 3 ,yes\n");
    assert_eq!(rows.field("firstName"), Some(&Value::from("Ada")));
    assert_eq!(rows.field("pageViews"), Some(&Value::from(3)));
    assert_eq!(rows.field("demoRequested"), Some(&Value::from(true)));
}

#[test]
fn an_empty_cell_is_null_and_a_missing_column_absent() {
    let rows = of("id,phone,budget,source\na,,,\\N\n");
    for field in ["phone", "budget", "source"] {
        assert_eq!(rows.field(field), Some(&Value::Null), "{field}");
    }
    assert_eq!(rows.field("email"), None);
}

#[test]
fn columns_that_no_rule_knows_are_kept_as_text() {
    let rows = of("id,Shoe size,empty\na,43.5,\n");
    let other = serde_json::json!({"Shoe size": "43.5"});
    assert_eq!(rows.field("other"), Some(&Value::from(other)));
}

#[test]
fn quoted_cells_hold_commas_quotes_and_lines() {
    let rows = of("id,companyName,phone\na,\"Nettle, \"\"Thyme\"\"\r\n& Sons\",1\nb,x,2\n");
    assert_eq!(rows.ids(), ["a", "b"]);
    let name = rows.leads[0].record.get("companyName").unwrap();
    assert_eq!(name.as_str(), Some("Nettle, \"Thyme\"\n& Sons"));
    assert_eq!(rows.leads[1].origin.line, Some(4));
}

#[test]
fn a_quote_left_open_costs_its_row_alone() {
    let rows = of("id,companyName\na,\"open\nb,fine\nc,also fine\n");
    assert_eq!(
        rows.refusals(),
        [(2, "expected a closing quote within 64 KiB, got none".to_owned())]
    );
    assert_eq!(rows.ids(), ["b", "c"]);
}

#[test]
fn a_quote_left_open_in_a_long_file_costs_its_row_alone() {
    let rows: Vec<String> = (0..20_000).map(|row| format!("row-{row},fine")).collect();
    let rows = of(format!("id,companyName\na,\"open\n{}", rows.join("\n")));
    assert_eq!(rows.refusals().len(), 1);
    assert_eq!(rows.leads.len(), 20_000);
}

#[test]
fn each_bad_row_is_refused_by_line_and_cause() {
    let rows = of(
        "id,pageViews,demoRequested\n,1,0\na,many,0\nb,1.5,0\nc,1,perhaps\nd,1\ne,1,0,0\nf,1,0\nf,1,0\n",
    );
    let expected = [
        (2, "id: expected 1 to 255 bytes without white space and `#`, got empty text"),
        (3, "pageViews: expected a whole number, got text"),
        (4, "pageViews: expected a whole number, got a decimal number"),
        (5, "demoRequested: expected true or false, got text"),
        (6, "expected 3 cells, as in the header, got 2"),
        (7, "expected 3 cells, as in the header, got 4"),
        (9, "id: expected an id of its own, got one that came before"),
    ];
    let expected: Vec<(u64, String)> =
        expected.map(|(line, cause)| (line, cause.to_owned())).into();
    assert_eq!(rows.refusals(), expected);
    assert_eq!(rows.ids(), ["f"]);
}

#[test]
fn bytes_that_are_not_utf8_cost_their_row() {
    let rows = of(b"id,phone\na,\xff\nb,1\n");
    assert_eq!(rows.refusals(), [(2, "expected UTF-8 text, got other bytes".to_owned())]);
    assert_eq!(rows.ids(), ["b"]);
}

#[test]
fn a_byte_order_mark_windows_line_ends_and_blank_lines_are_no_data() {
    let rows = of("\u{feff}id,phone\r\na,1\r\n\r\nb,2\r\n");
    assert_eq!(rows.ids(), ["a", "b"]);
    assert_eq!(rows.leads[0].record.get("phone"), Some(&Value::from("1")));
}

#[test]
fn a_header_that_names_no_id_is_an_error_with_a_way_out() {
    let expected = "no column is called `id`: its first line has to name the columns";
    assert!(header_error("a,b\n1,2\n").contains(expected));
    assert!(header_error("").contains("there is no line in it"));
    assert!(header_error("id,ID\n1,2\n").contains("more than one column is called `id`"));
}

#[test]
fn the_published_sample_is_read_whole() {
    let rows = Rows::read(&crate::data("contacts.sample.tsv"));
    assert_eq!(rows.leads.len(), 1_000);
    assert!(rows.rejected.is_empty(), "{:?}", rows.rejected);
    assert_eq!(rows.leads[1].record.get("status"), Some(&Value::Null));
}

#[test]
fn every_column_is_in_the_readme() {
    let readme = include_str!("../../README.md");
    for column in COLUMNS {
        assert!(readme.contains(&format!("`{}`", column.name)), "{}", column.name);
    }
}
