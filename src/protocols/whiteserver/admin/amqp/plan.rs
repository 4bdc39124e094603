//! What RabbitMQ needs so that one aggregator can publish and read its answers, and nothing else.

use serde::Serialize;

use crate::config::Settings;
use crate::queue::amqp::AmqpSettings;

/// All of it, as names and patterns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    /// The aggregator.
    pub(super) name: String,
    /// Its RabbitMQ user.
    pub(super) user: String,
    /// The virtual host.
    pub(super) vhost: String,
    /// Where tasks are published, with the routing key `in`.
    pub(super) tasks_exchange: String,
    /// Where answers come from.
    pub(super) results_exchange: String,
    /// Where answers wait.
    pub(super) results_queue: String,
    /// Patterns of what the user may make, write to and read.
    pub(super) configure: String,
    pub(super) write: String,
    pub(super) read: String,
    /// The bounds of the results queue.
    #[serde(skip)]
    pub(super) max_length: u32,
    #[serde(skip)]
    pub(super) max_age_ms: u64,
    #[serde(skip)]
    prefix: String,
    #[serde(skip)]
    place: String,
}

impl Plan {
    /// For this aggregator and user, in the installation of these settings.
    pub(super) fn new(settings: &Settings, name: &str, user: &str) -> Plan {
        let amqp = settings.amqp();
        let prefix = settings.amqp.prefix.clone();
        let replies = format!(r"{}(:.*)?", escaped(&format!("{prefix}.replies.{user}")));
        let results_queue = format!("{prefix}.results.{name}");
        let own = format!(r"{replies}|amq\.gen-.*");
        Plan {
            configure: format!("^({own})$"),
            write: format!("^{}$", escaped(&format!("{prefix}.tasks"))),
            read: format!("^({}|{own})$", escaped(&results_queue)),
            name: name.to_owned(),
            user: user.to_owned(),
            vhost: amqp.as_ref().map_or_else(|| "/".to_owned(), AmqpSettings::vhost),
            tasks_exchange: format!("{prefix}.tasks"),
            results_exchange: format!("{prefix}.results"),
            results_queue,
            max_length: settings.amqp.results_max_length,
            max_age_ms: settings.amqp.results_max_age_s * 1000,
            place: amqp.as_ref().map_or_else(|| "HOST:5672".to_owned(), AmqpSettings::place),
            prefix,
        }
    }

    /// What an administrator of RabbitMQ has to do.
    pub(super) fn advice(&self) -> String {
        let Plan { name, user, vhost, configure, write, read, results_queue, .. } = self;
        format!(
            "aggregator {name} publishes as the RabbitMQ user {user}\n\n\
             On a RabbitMQ node, once (the first command asks for a password):\n\n  \
             rabbitmqctl add_user '{user}'\n  \
             rabbitmqctl set_permissions -p '{vhost}' '{user}' '{configure}' '{write}' '{read}'\n\n\
             Give the user no tags: one with the tag impersonator could publish as anybody.\n\
             A running worker makes the queue {results_queue} within seconds.\n\n{}",
            self.example("PASSWORD")
        )
    }

    /// What was done through the management API.
    pub(super) fn applied(&self) -> String {
        let Plan { name, user, results_queue, .. } = self;
        format!(
            "aggregator {name} publishes as the RabbitMQ user {user}, whose permissions are set; its answers \
             wait in {results_queue}"
        )
    }

    /// How to try it.
    pub(super) fn example(&self, password: &str) -> String {
        let Plan { user, place, prefix, .. } = self;
        // The only character of a virtual host that is usual and has to be escaped.
        let vhost = self.vhost.replace('%', "%25").replace('/', "%2f");
        format!(
            "To try it:\n\n  python3 docs/examples/pay_over_amqp.py --prefix {prefix} \\\n      \
             --url 'amqp://{user}:{password}@{place}/{vhost}' \\\n      \
             --object OBJECT_ID --order ORDER_GUID --amount 1.00 --currency CURRENCY_GUID"
        )
    }

    /// What is left when the aggregator publishes no more.
    pub(super) fn farewell(&self) -> String {
        let Plan { name, user, vhost, results_queue, .. } = self;
        format!(
            "aggregator {name} publishes no more; RabbitMQ still has its user and its queue:\n\n  \
             rabbitmqctl delete_user '{user}'\n  \
             rabbitmqctl delete_queue -p '{vhost}' '{results_queue}'"
        )
    }
}

/// A name as a pattern that nothing else matches: names hold no other character that means something.
fn escaped(name: &str) -> String {
    name.replace('.', r"\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let url = "amqp://wsa:secret@rabbit:5672/pay%2Fments".to_owned();
        Plan::new(&crate::protocols::ALL.settings(&[("amqp.url", url)]).unwrap(), "kiosk.1", "till")
    }

    #[test]
    fn permissions_are_as_narrow_as_they_can_be() {
        let plan = plan();
        assert_eq!(plan.configure, r"^(wsa\.replies\.till(:.*)?|amq\.gen-.*)$");
        assert_eq!(plan.write, r"^wsa\.tasks$");
        assert_eq!(plan.read, r"^(wsa\.results\.kiosk\.1|wsa\.replies\.till(:.*)?|amq\.gen-.*)$");
        assert_eq!(plan.vhost, "pay/ments");
    }

    #[test]
    fn the_advice_can_be_followed_and_keeps_the_services_secret() {
        insta::assert_snapshot!(plan().advice());
        assert!(!plan().advice().contains("secret"));
    }
}
