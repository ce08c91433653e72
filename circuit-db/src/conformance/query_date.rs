//! Claims about dates: their parts in a time zone, and periods.

use chrono_tz::Tz;
use circuit_core::{
    Column, Comparison, DatePart, Distance, DistanceUnit, Filter, Operand, OrderBy, Period, Place,
    Query, Value,
};

use super::db::Db;
use super::people::{of_people, people, table, who};
use super::support::same;
use super::{Broken, Shown, name_claims};

name_claims!(
    "queries with dates and places",
    |capability| capability.query.is_yes(),
    months_quarters_and_years_count_as_in_the_calendar,
    days_count_in_months_weeks_and_years,
    weeks_count_from_the_first_of_a_month_and_of_a_year,
    a_moments_parts_are_those_of_the_time_zone,
    an_hour_is_that_of_the_time_zone,
    a_date_has_no_hour,
    a_part_of_no_date_is_null,
    a_condition_on_a_part_of_a_date,
    a_period_has_the_dates_of_its_days,
    a_period_of_moments_begins_and_ends_in_the_time_zone,
    before_and_after_a_period,
    a_distance_sorts_and_is_compared,
    a_distance_from_nowhere_is_null,
    a_format_is_text,
);

const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// Returns parts of the dates of Ada and Bob.
async fn parts(db: &Db, field: &str, parts: &[DatePart], zone: Tz) -> Result<Vec<String>, Broken> {
    people(db).await?;
    let names: Vec<String> = (0..parts.len()).map(|n| format!("x{n}")).collect();
    let columns = parts
        .iter()
        .zip(&names)
        .map(|(part, name)| Column::named(Operand::Date(*part, field.into(), zone), name.as_str()));
    let query = of_people(&["Name"]).columns(columns);
    let query = query.filter(Filter::ne("Company.Size__c", Value::Null));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    table(db, query, &names).await
}

async fn months_quarters_and_years_count_as_in_the_calendar(db: Db) -> Shown {
    let of = [DatePart::Month, DatePart::Quarter, DatePart::Year];
    same!(parts(&db, "Born", &of, Tz::UTC).await?, ["1 1 1990", "12 4 2005"]);
    Ok(())
}

async fn days_count_in_months_weeks_and_years(db: Db) -> Shown {
    let of = [DatePart::DayInMonth, DatePart::DayInWeek, DatePart::DayInYear, DatePart::DayOnly];
    let found = parts(&db, "Born", &of, Tz::UTC).await?;
    same!(found, ["31 4 31 1990-01-31", "31 7 365 2005-12-31"]);
    Ok(())
}

async fn weeks_count_from_the_first_of_a_month_and_of_a_year(db: Db) -> Shown {
    let of = [DatePart::WeekInMonth, DatePart::WeekInYear];
    same!(parts(&db, "Born", &of, Tz::UTC).await?, ["5 5", "5 53"]);
    Ok(())
}

async fn a_moments_parts_are_those_of_the_time_zone(db: Db) -> Shown {
    let of = [DatePart::DayOnly, DatePart::Month];
    same!(parts(&db, "Seen", &of, BERLIN).await?, ["2026-03-01 3", "2026-03-01 3"]);
    Ok(())
}

async fn an_hour_is_that_of_the_time_zone(db: Db) -> Shown {
    same!(parts(&db, "Seen", &[DatePart::HourInDay], BERLIN).await?, ["1", "0"]);
    Ok(())
}

async fn a_date_has_no_hour(db: Db) -> Shown {
    same!(parts(&db, "Born", &[DatePart::HourInDay], Tz::UTC).await?, ["-", "-"]);
    Ok(())
}

async fn a_part_of_no_date_is_null(db: Db) -> Shown {
    people(&db).await?;
    let year = Operand::Date(DatePart::Year, "Born".into(), Tz::UTC);
    same!(who(&db, year.eq(Value::Null)).await?, [" 20", "ada -"]);
    Ok(())
}

async fn a_condition_on_a_part_of_a_date(db: Db) -> Shown {
    people(&db).await?;
    let year = || Operand::Date(DatePart::Year, "Born".into(), Tz::UTC);
    same!(who(&db, year().greater(1989)).await?, ["Ada 36", "Bob 20"]);
    let day = Operand::Date(DatePart::DayOnly, "Seen".into(), Tz::UTC);
    let last = Value::Date("2026-02-28".parse().expect("a day"));
    same!(who(&db, day.eq(last)).await?, ["Bob 20"]);
    Ok(())
}

fn within(field: &str, comparison: Comparison, days: [&str; 2], zone: Tz) -> Filter {
    let [from, to] = days.map(|day| day.parse().expect("a day"));
    Filter::Within {
        operand: Operand::field(field),
        comparison,
        period: Period::new(from, to, zone),
    }
}

async fn a_period_has_the_dates_of_its_days(db: Db) -> Shown {
    people(&db).await?;
    let year = ["1990-01-01", "1991-01-01"];
    same!(who(&db, within("Born", Comparison::Eq, year, Tz::UTC)).await?, ["Ada 36"]);
    let found = who(&db, within("Born", Comparison::Ne, year, Tz::UTC)).await?;
    same!(found, [" 20", "ada -", "Bob 20", "Dee 50"]);
    Ok(())
}

async fn a_period_of_moments_begins_and_ends_in_the_time_zone(db: Db) -> Shown {
    people(&db).await?;
    let march = ["2026-03-01", "2026-04-01"];
    same!(who(&db, within("Seen", Comparison::Eq, march, Tz::UTC)).await?, ["Ada 36"]);
    same!(who(&db, within("Seen", Comparison::Eq, march, BERLIN)).await?, ["Ada 36", "Bob 20"]);
    Ok(())
}

async fn before_and_after_a_period(db: Db) -> Shown {
    people(&db).await?;
    let year = ["1990-01-01", "1991-01-01"];
    let of = |comparison| within("Born", comparison, year, Tz::UTC);
    same!(who(&db, of(Comparison::Lt)).await?, ["Dee 50"]);
    same!(who(&db, of(Comparison::Le)).await?, ["Ada 36", "Dee 50"]);
    same!(who(&db, of(Comparison::Gt)).await?, ["Bob 20"]);
    same!(who(&db, of(Comparison::Ge)).await?, ["Ada 36", "Bob 20"]);
    Ok(())
}

fn from_paris(unit: DistanceUnit) -> Operand {
    let place = Place { latitude: 48.8566, longitude: 2.3522 };
    let distance = Distance { latitude: "Lat".into(), longitude: "Lon".into(), place, unit };
    Operand::Distance(Box::new(distance))
}

async fn a_distance_sorts_and_is_compared(db: Db) -> Shown {
    people(&db).await?;
    let far = from_paris(DistanceUnit::Kilometers).greater(343);
    same!(who(&db, far).await?, ["Bob 20"]);
    same!(who(&db, from_paris(DistanceUnit::Miles).less(215)).await?, ["Ada 36", "Bob 20"]);
    let query = Query::of("Person")
        .columns([Column::field("Name")])
        .filter(Filter::ne("Lat", Value::Null))
        .order_by(OrderBy::by(from_paris(DistanceUnit::Kilometers)));
    same!(table(&db, query, &["Name"]).await?, ["Ada", "Bob"]);
    Ok(())
}

async fn a_distance_from_nowhere_is_null(db: Db) -> Shown {
    people(&db).await?;
    let nowhere = from_paris(DistanceUnit::Miles).eq(Value::Null);
    same!(who(&db, nowhere).await?, [" 20", "ada -", "Dee 50"]);
    Ok(())
}

async fn a_format_is_text(db: Db) -> Shown {
    people(&db).await?;
    let column = |field: &str, name: &str| Column::named(Operand::Format(field.into()), name);
    let query = of_people(&["Name"])
        .columns([column("Pay", "pay"), column("Born", "born"), column("Age", "age")])
        .filter(Filter::eq("Name", "Bob"));
    same!(table(&db, query, &["pay", "born", "age"]).await?, ["20.01 2005-12-31 20"]);
    same!(who(&db, Operand::Format("Age".into()).eq("36")).await?, ["Ada 36"]);
    Ok(())
}
