//! Dates and times, as they are written and as the calendar knows them.

use crate::lexer::Kind;

/// Reads a date, a date-time or a time at the start of these bytes; returns it and its length, or
/// what is wrong with it.
pub(crate) fn scan(bytes: &[u8]) -> Result<(Kind, usize), Kind> {
    let mut scan = Scan { bytes, at: 0 };
    let kind = match bytes.get(2) {
        Some(b':') => scan.time().map(|()| Kind::Time)?,
        _ => scan.date()?,
    };
    let next = bytes.get(scan.at);
    let goes_on = next.is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.')
    });
    if goes_on { Err(Kind::BadDate) } else { Ok((kind, scan.at)) }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// `2026-02-28`, perhaps with a time.
    fn date(&mut self) -> Result<Kind, Kind> {
        let year = self.number(4)?;
        self.expect(b'-')?;
        let month = self.number(2)?;
        self.expect(b'-')?;
        let day = self.number(2)?;
        if day == 0 || day > days_in(year, month) {
            return Err(Kind::NoSuchDate);
        }
        if !matches!(self.bytes.get(self.at), Some(b'T' | b't')) {
            return Ok(Kind::Date);
        }
        self.at += 1;
        self.time()?;
        Ok(Kind::DateTime)
    }

    /// `10:00:00.000Z`.
    fn time(&mut self) -> Result<(), Kind> {
        let hour = self.number(2)?;
        self.expect(b':')?;
        let minute = self.number(2)?;
        self.expect(b':')?;
        let second = self.number(2)?;
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.number(1)?;
            while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                self.at += 1;
            }
        }
        if hour > 23 || minute > 59 || second > 59 { Err(Kind::NoSuchDate) } else { self.zone() }
    }

    /// `Z`, `+01:00` or `+0100`.
    fn zone(&mut self) -> Result<(), Kind> {
        match self.bytes.get(self.at) {
            Some(b'Z' | b'z') => self.at += 1,
            Some(b'+' | b'-') => {
                self.at += 1;
                let hours = self.number(2)?;
                self.at += usize::from(self.bytes.get(self.at) == Some(&b':'));
                let minutes = self.number(2)?;
                if hours > 23 || minutes > 59 {
                    return Err(Kind::NoSuchDate);
                }
            }
            Some(byte) if byte.is_ascii_alphanumeric() => return Err(Kind::BadDate),
            _ => return Err(Kind::NoZone),
        }
        Ok(())
    }

    fn number(&mut self, digits: usize) -> Result<u32, Kind> {
        let bytes = self.bytes.get(self.at..self.at + digits).ok_or(Kind::BadDate)?;
        self.at += digits;
        bytes.iter().try_fold(0, |number, byte| match byte {
            b'0'..=b'9' => Ok(number * 10 + u32::from(byte - b'0')),
            _ => Err(Kind::BadDate),
        })
    }

    fn expect(&mut self, byte: u8) -> Result<(), Kind> {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += 1;
        if found { Ok(()) } else { Err(Kind::BadDate) }
    }
}

/// The days of a month; none of a month that is none.
fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_has_its_days() {
        assert_eq!([1900, 2000, 2024, 2026].map(|year| days_in(year, 2)), [28, 29, 29, 28]);
        let days = (1..=12).map(|month| days_in(2026, month)).sum::<u32>();
        assert_eq!(days, 365);
        assert_eq!((days_in(2026, 0), days_in(2026, 13)), (0, 0));
    }

    #[test]
    fn what_is_scanned_ends_where_the_token_does() {
        assert_eq!(scan(b"2026-02-28)"), Ok((Kind::Date, 10)));
        assert_eq!(scan(b"2026-02-28T10:00:00Z,"), Ok((Kind::DateTime, 20)));
        assert_eq!(scan(b"10:00:00.5+0100 "), Ok((Kind::Time, 15)));
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        assert_eq!(scan(b"2026-02-30"), Err(Kind::NoSuchDate));
        assert_eq!(scan(b"2026-02-28T10:00:00"), Err(Kind::NoZone));
        assert_eq!(scan(b"2026-02-28x"), Err(Kind::BadDate));
        assert_eq!(scan(b"2026-2-28"), Err(Kind::BadDate));
    }
}
