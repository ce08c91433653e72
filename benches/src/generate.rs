//! Contacts from a fixed seed, in the style of data/contacts.sample.tsv.

use crate::Lead;

const SEED: u64 = 0x00C1_2C01_75EE_D000;

#[rustfmt::skip]
const FIRST: [&str; 16] = [
    "Ada", "Alan", "Barbara", "Dennis", "Donald", "Edsger", "Frances", "Grace",
    "Jean", "Ken", "Linus", "Margaret", "Niklaus", "Radia", "Tim", "Vint",
];
#[rustfmt::skip]
const LAST: [&str; 16] = [
    "Allen", "Bartik", "Cerf", "Dijkstra", "Hamilton", "Hopper", "Knuth", "Lee",
    "Liskov", "Lovelace", "Perlman", "Ritchie", "Thompson", "Torvalds", "Turing", "Wirth",
];
#[rustfmt::skip]
const COMPANY: [&str; 12] = [
    "Acme", "Aperture", "Cyberdyne", "Globex", "Hooli", "Initech",
    "Soylent", "Stark", "Tyrell", "Umbrella", "Wayne", "Wonka",
];
#[rustfmt::skip]
const SOURCE: [&str; 13] = [
    "paid", "paid", "paid", "referral", "referral", "referral", "organic", "organic", "ORGANIC",
    "webinar", "Referral", "", "list",
];
const SENIORITY: [&str; 6] = ["C", "VP", "DIRECTOR", "MANAGER", "IC", "UNKNOWN"];

/// Makes `count` contacts with the ids `c000000`, `c000001` and so on; the same at every call.
pub fn generate(count: usize) -> Vec<Lead> {
    let mut random = Random(SEED);
    (0..count).map(|number| lead(number, &mut random)).collect()
}

fn lead(number: usize, random: &mut Random) -> Lead {
    let id = format!("c{number:06}");
    let (first, last) = (random.one_of(&FIRST), random.one_of(&LAST));
    let company = random.one_of(&COMPANY);
    let mut lead = Lead {
        email: Some(email(first, last, number, company, random)),
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        phone: Some(format!("+1415{:07}", random.below(10_000_000))),
        company_name: Some(format!("{company} Inc")),
        source: Some(random.one_of(&SOURCE).to_owned()),
        country: country(random),
        status: random.in_100(31).then(|| random.one_of(&["NEW", "OPEN"]).to_owned()),
        id,
        ..Lead::default()
    };
    enrich(&mut lead);
    engage(&mut lead, random);
    lead
}

/// A third in order, a third in mixed case, a third with spaces around it.
fn email(first: &str, last: &str, number: usize, company: &str, random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("{first}.{last}{number:06}@{company}.com"),
        1 => format!(" {first}.{last}{number:06}@{company}.COM "),
        _ => format!("{first}_{last}{number:06}@{company}.Example.org"),
    }
}

fn country(random: &mut Random) -> Option<String> {
    random.in_100(58).then(|| random.one_of(&["US", "GB", "DE"]).to_owned())
}

/// The enrichment values of the specification: they follow from the id.
fn enrich(lead: &mut Lead) {
    let census = i64::from(fnv1a32("census:", &lead.id));
    let linkedin = i64::from(fnv1a32("linkedin:", &lead.id));
    let maps = i64::from(fnv1a32("maps:", &lead.id));
    lead.median_income = Some(20_000 + census % 1000 * 120);
    lead.owner_occupied_pct = Some(census / 1000 % 101);
    let seniority = usize::try_from(linkedin % 6).unwrap_or_default();
    lead.seniority = Some(SENIORITY[seniority].to_owned());
    lead.company_size = Some(linkedin / 6 % 2000);
    lead.distance_km = Some(maps % 300);
    lead.rating10 = Some(maps / 300 % 51);
}

/// Three leads in ten are interested.
fn engage(lead: &mut Lead, random: &mut Random) {
    let hot = random.in_100(30);
    let mut pick = |cold: i64, from: i64, to: i64| {
        Some(if hot { random.between(from, to) } else { random.between(0, cold) })
    };
    lead.page_views = pick(12, 12, 39);
    lead.email_opens = pick(5, 6, 14);
    lead.email_clicks = pick(2, 4, 7);
    lead.form_submits = pick(1, 1, 3);
    lead.timeline_days = pick(399, 1, 36);
    lead.last_activity_hours = pick(399, 0, 40);
    lead.demo_requested = Some(random.in_100(if hot { 80 } else { 8 }));
    let budgets = if hot { &[5000, 15_000, 40_000][..] } else { &[0, 500, 3000, 12_000][..] };
    lead.budget = Some(random.one_of(budgets));
}

fn fnv1a32(prefix: &str, id: &str) -> u32 {
    let bytes = prefix.bytes().chain(id.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The `SplitMix64` generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(to.abs_diff(from) + 1)).unwrap_or_default()
    }

    fn in_100(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        let at = self.below(list.len() as u64);
        list[usize::try_from(at).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Score;

    #[test]
    fn ids_are_unique_and_calls_agree() {
        let rows = generate(3_000);
        assert_eq!(rows, generate(3_000));
        assert_eq!(rows.iter().map(|row| &row.id).collect::<HashSet<_>>().len(), 3_000);
    }

    #[test]
    fn a_longer_list_begins_with_the_shorter_one() {
        assert_eq!(generate(10), generate(20)[..10]);
    }

    #[test]
    fn enrichment_is_that_of_the_specification() {
        let mut lead = Lead { id: "c500000".to_owned(), ..Lead::default() };
        enrich(&mut lead);
        assert_eq!((lead.median_income, lead.owner_occupied_pct), (Some(74_720), Some(84)));
        assert_eq!((lead.seniority.as_deref(), lead.company_size), (Some("UNKNOWN"), Some(566)));
        assert_eq!((lead.distance_km, lead.rating10), (Some(184), Some(9)));
    }

    #[test]
    fn about_one_lead_in_six_wants_a_task_as_in_the_sample() {
        let rows = generate(10_000);
        let tasks = rows.iter().filter(|row| Score::of(&row.signals()).wants_task()).count();
        assert!((1_200..2_200).contains(&tasks), "{tasks}");
    }
}
