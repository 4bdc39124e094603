//! The report as a page.

use std::fmt::{self, Display, Write};

use super::{Report, Row, Times};
use crate::checker::RULES;

/// Kinds of faults are tables by place; the rest is a table each.
impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_run(f)?;
        self.write_answers(f)?;
        self.write_kinds(f)?;
        self.write_rules(f)
    }
}

impl Report {
    fn write_run(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { seed, nodes, rate, cores, .. } = self;
        let build = if self.release { "release" } else { "debug" };
        writeln!(f, "| run | |\n| --- | --- |")?;
        writeln!(
            f,
            "| seed, nodes of RabbitMQ, processors, build | {seed}, {nodes}, {cores}, {build} |"
        )?;
        writeln!(f, "| orders begun a second, at most | {rate} |")?;
        writeln!(f, "| lasted | {:.0} s ({:.2} h) |", self.lasted, self.lasted / 3600.0)?;
        let later = self.recovered_later;
        writeln!(f, "| faults, recovered later than they may | {}, {later} |", self.faults)?;
        writeln!(f, "| orders, tasks | {}, {} |", self.orders, self.tasks)?;
        writeln!(f, "| payments answered, done | {}, {} |\n", self.payments, self.payments_done)
    }

    fn write_answers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| task | answers |\n| --- | --- |")?;
        for (task, codes) in &self.answers {
            let codes: Vec<String> =
                codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
            writeln!(f, "| {task} | {} |", codes.join(", "))?;
        }
        writeln!(
            f,
            "\n| told | tasks | answers heard | came by itself |\n| --- | --- | --- | --- |"
        )?;
        for (way, told) in &self.told {
            writeln!(f, "| {way} | {} | {} | {} |", told.tasks, told.times, told.letters)?;
        }
        writeln!(f, "\n| errand | told |\n| --- | --- |")?;
        for (errand, words) in &self.errands {
            let words: Vec<String> =
                words.iter().map(|(word, count)| format!("{word} {count}")).collect();
            writeln!(f, "| {errand} | {} |", words.join(", "))?;
        }
        f.write_char('\n')
    }

    fn write_kinds(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| what | happened | times | lasted | alone | answers as before | every process well | bound |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
        for row in &self.kinds {
            let Row { place, event, count, lasted, alone, back, well, bound } = row;
            writeln!(
                f,
                "| {place} | {event} | {count} | {lasted:.1} s | {alone} | {back} | {well} | {bound:.0} s |"
            )?;
        }
        f.write_char('\n')
    }

    fn write_rules(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| rule | | broken |\n| --- | --- | --- |")?;
        for (name, rule) in RULES {
            writeln!(f, "| {name} | {rule} | {} |", self.breaches.get(name).unwrap_or(&0))?;
        }
        let rows = self.audit["rows"].as_object().into_iter().flatten();
        let rows = rows.filter(|(_, count)| **count != 0);
        let rows: Vec<String> = rows.map(|(what, count)| format!("{count} {what}")).collect();
        let (rows, took) = (rows.join(", "), &self.audit["tookMs"]);
        let sound = if self.audit["sound"] == true { 0 } else { 1 };
        writeln!(f, "| `wsa audit` | of {rows}, in {took} ms | {sound} |")?;
        writeln!(
            f,
            "| processes | each ends only when it is told to, and well | {} |",
            self.complaints.len()
        )?;
        for line in self.examples.iter().chain(&self.complaints) {
            writeln!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// `median / worst`, and how many took longer than was waited.
impl Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(median), Some(worst)) = (self.median, self.worst) {
            write!(f, "{median:.1} / {worst:.1} s")?;
        }
        if self.later > 0 {
            write!(f, " {} later", self.later)?;
        }
        Ok(())
    }
}
