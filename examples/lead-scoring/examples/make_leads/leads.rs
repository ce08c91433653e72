//! The 1,000 sample leads, the same in every run: invented people of invented companies.

use serde_json::Value as Json;

const COUNT: u64 = 1_000;

const FIRST: [&str; 40] = [
    "Ada",
    "Amélie",
    "Björn",
    "Camila",
    "Chidi",
    "Dagný",
    "Deniz",
    "Eleni",
    "Farah",
    "Grace",
    "Hana",
    "Ibrahim",
    "Imogen",
    "Jürgen",
    "José",
    "Kofi",
    "Léa",
    "Łukasz",
    "Mairéad",
    "Mateo",
    "Mei",
    "Nadia",
    "Noor",
    "Olena",
    "Oliver",
    "Priya",
    "Rafael",
    "Ruth",
    "Søren",
    "Siobhán",
    "Tomáš",
    "Uma",
    "Viktor",
    "Wanjiru",
    "Xiu",
    "Yara",
    "Zoë",
    "美咲",
    "Олена",
    "Λίνα",
];

const LAST: [&str; 40] = [
    "Achterberg",
    "Adeyemi",
    "Brandvold",
    "Castellanos",
    "Çelik",
    "D'Amato",
    "Dvořák",
    "Ekström",
    "Fairweather",
    "García Ruiz",
    "Grünwald",
    "Haddad",
    "Ivanova",
    "Jóhannsdóttir",
    "Kowalczyk",
    "Larkspur",
    "Lindqvist",
    "MacAllister",
    "Mbeki",
    "Moreau",
    "Nakagawa",
    "Nguyễn",
    "O'Dowd",
    "Okonkwo",
    "Papadaki",
    "Pemberton",
    "Quispe",
    "Rasmussen",
    "Sato",
    "Schröder",
    "Silva",
    "Szabó",
    "Thistlewood",
    "Tremblay",
    "Underhill",
    "Vasquez",
    "Wójcik",
    "Yıldız",
    "Zhang",
    "佐藤",
];

const COMPANY: [&str; 24] = [
    "Amberfold",
    "Blue Heron Supply",
    "Brackenridge Dental",
    "Cobalt & Sons",
    "Dunmore Logistics",
    "Elmhurst Roofing",
    "Fernwick",
    "Gullwing Travel",
    "Harrowgate Labs",
    "Ironvale",
    "Juniper Field",
    "Kestrel Point",
    "Lanternworks",
    "Millbrook Foods",
    "Nettle & Thyme",
    "Orchard Lane Realty",
    "Pinecrest Solar",
    "Quillmark",
    "Redwater Physio",
    "Saltmarsh Boats",
    "Tidewell",
    "Umberline",
    "Westering",
    "Yarrow Legal",
];

/// Returns the file: a lead on each line.
pub(crate) fn all() -> String {
    (0..COUNT).map(|number| lead(number) + "\n").collect()
}

/// A small generator of numbers (splitmix64), seeded by the number of the lead.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number from `low` to `high`, both among them.
    fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.range(1, 100) <= percent
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let index = self.range(0, list.len() as u64 - 1);
        list[usize::try_from(index).expect("an index of a list fits")]
    }
}

/// The members of a JSON object, in the order in which they are added.
#[derive(Default)]
struct Object(Vec<String>);

impl Object {
    fn raw(&mut self, name: &str, json: &str) {
        self.0.push(format!("\"{name}\":{json}"));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.raw(name, &Json::from(text).to_string());
    }

    fn number(&mut self, name: &str, number: u64) {
        self.raw(name, &number.to_string());
    }

    /// A number that is sometimes null and sometimes not there, as data from outside is.
    fn loose(&mut self, dice: &mut Dice, name: &str, number: u64) {
        match dice.range(1, 40) {
            1 => self.raw(name, "null"),
            2 => {}
            _ => self.number(name, number),
        }
    }

    fn end(self) -> String {
        format!("{{{}}}", self.0.join(","))
    }
}

fn lead(number: u64) -> String {
    let dice = &mut Dice(number.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x56_4C_50_52);
    // How eager the lead is, 0 to 99: the lower of two throws, so that few are.
    let heat = dice.range(0, 99).min(dice.range(15, 170));
    let mut lead = Object::default();
    lead.text("id", &format!("lead-{:04}", number + 1));
    person(&mut lead, dice, number);
    origin(&mut lead, dice, heat);
    lead.raw("customFields", &custom_fields(dice, heat));
    enrichment(&mut lead, dice, heat);
    lead.end()
}

fn person(lead: &mut Object, dice: &mut Dice, number: u64) {
    let (first, last, company) = (dice.pick(&FIRST), dice.pick(&LAST), dice.pick(&COMPANY));
    match dice.range(1, 60) {
        1 => lead.raw("email", "null"),
        2 => {}
        style => lead.text("email", &email(style, number, first, last, company)),
    }
    if !dice.percent(2) {
        lead.text("firstName", first);
    }
    lead.text("lastName", last);
    if dice.percent(85) {
        lead.text(
            "phone",
            &format!("+1{}55501{:02}", dice.pick(&[212, 312, 415, 617, 808]), dice.range(0, 99)),
        );
    }
    if dice.percent(90) {
        lead.text("companyName", company);
    }
    lead.text("postalCode", &format!("{:05}", dice.range(501, 99_950)));
}

fn email(style: u64, number: u64, first: &str, last: &str, company: &str) -> String {
    let ascii = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let (first, last, company) = (ascii(first), ascii(last), ascii(company));
    let name: Vec<&str> = [&*first, &*last].into_iter().filter(|part| !part.is_empty()).collect();
    let address = format!("{}{}@{company}.example", name.join("."), number + 1);
    match style % 6 {
        0 => format!("  {address} "),
        1 => address.to_uppercase(),
        2 => format!("{address}\t"),
        3 => address,
        _ => address.to_lowercase(),
    }
}

fn origin(lead: &mut Object, dice: &mut Dice, heat: u64) {
    const WARM: [&str; 6] = ["referral", "Referral", "organic", "ORGANIC", "paid", "webinar"];
    const COLD: [&str; 6] = ["list", "list", "paid", "Paid", "organic", "trade fair"];
    match dice.range(1, 25) {
        1 => lead.raw("source", "null"),
        2 => lead.text("source", ""),
        3 => {}
        _ => lead.text("source", dice.pick(if heat > 55 { &WARM } else { &COLD })),
    }
    if dice.percent(55) {
        lead.text("country", dice.pick(&["US", "US", "GB", "DE", "CA", "KE", "JP"]));
    }
    if dice.percent(25) {
        lead.text("status", dice.pick(&["NEW", "OPEN", "OPEN", "WORKING"]));
    }
    if dice.percent(60) {
        let tag = Json::from(vec![dice.pick(&["web", "event", "ebook", "pricing", "newsletter"])]);
        lead.raw("tags", &tag.to_string());
    }
}

fn custom_fields(dice: &mut Dice, heat: u64) -> String {
    let mut fields = Object::default();
    let most = |share: u64| heat * share / 99;
    let budget = dice.pick(&[0, 0, 500, 1_500, 3_000])
        + if heat > 60 { dice.range(0, 8) * 2_500 } else { 0 };
    let views = dice.range(most(9), most(14) + 4);
    let opens = dice.range(most(5), most(8) + 2);
    let (clicks, forms) = (dice.range(most(3), most(4) + 1), dice.range(most(1), most(3)));
    let days = dice.range(1, 240 - most(215));
    let hours = dice.range(0, 400 - most(394));
    fields.loose(dice, "budget", budget);
    fields.loose(dice, "timelineDays", days);
    fields.loose(dice, "pageViews", views);
    fields.loose(dice, "emailOpens", opens);
    fields.loose(dice, "emailClicks", clicks);
    fields.loose(dice, "formSubmits", forms);
    fields.loose(dice, "lastActivityHours", hours);
    let demo = dice.percent(heat * 3 / 4);
    fields.raw("demoRequested", if demo { "true" } else { "false" });
    fields.end()
}

/// One lead in 25 was never enriched, and single sources fail more often than that.
fn enrichment(lead: &mut Object, dice: &mut Dice, heat: u64) {
    let mut parts = Object::default();
    let most = |share: u64| heat * share / 99;
    let mut census = Object::default();
    census.number("medianIncome", 28_000 + dice.range(most(300), 700 + most(400)) * 100);
    census.number("ownerOccupiedPct", dice.range(15, 100));
    part(&mut parts, dice, "census", census);
    let mut linkedin = Object::default();
    linkedin.text("seniority", seniority(dice, heat));
    linkedin.number("companySize", dice.range(1, 90 + most(40) * most(40)));
    part(&mut parts, dice, "linkedin", linkedin);
    let mut maps = Object::default();
    maps.number("distanceKm", dice.range(1, 300 - most(270)));
    maps.number("rating10", dice.range(10, 50));
    part(&mut parts, dice, "maps", maps);
    match dice.range(1, 50) {
        1 => lead.raw("enrichment", "null"),
        2 => {}
        _ => lead.raw("enrichment", &parts.end()),
    }
}

fn part(parts: &mut Object, dice: &mut Dice, name: &str, part: Object) {
    match dice.range(1, 24) {
        1 => parts.raw(name, "null"),
        2 => {}
        _ => parts.raw(name, &part.end()),
    }
}

fn seniority(dice: &mut Dice, heat: u64) -> &'static str {
    match heat {
        75.. => dice.pick(&["C", "VP", "VP", "DIRECTOR", "MANAGER"]),
        40.. => dice.pick(&["C", "VP", "DIRECTOR", "DIRECTOR", "MANAGER", "IC"]),
        _ => dice.pick(&["DIRECTOR", "MANAGER", "MANAGER", "IC", "IC", "UNKNOWN"]),
    }
}
