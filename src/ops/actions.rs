//! What operators can do. Each action needs a role, most of them a reason; each writes its entry of the journal in the
//! transaction of its effect.
