use circuit_core::prelude::*;
macro_rules! make {
    ($n:ident, $o:literal, $order:expr, $t:ty, $w:expr) => {
        #[trigger($o, afterInsert, order = $order, when = $w)]
        fn $n(_: &TriggerContext<'_, $t>) -> Result<()> {
            Ok(())
        }
    };
}
make!(a, "Contact", 5, Record, changed("Stage"));
fn main() {}
