//! Work on a batch in which one item may spoil all: cut in halves, until what spoils stands alone.

use crate::database::StoreError;

/// Does `work` on all items, in their order, and tells what became of each piece. The whole is one piece unless
/// something in it is refused. After a violation it is tried once more at once: another transaction may have
/// written the same at that moment, and the second attempt sees what it wrote.
///
/// What may pass is not tried again here: it is the result of its piece.
pub(crate) async fn in_pieces<T, R, F>(
    items: Vec<T>,
    mut work: impl FnMut(Vec<T>) -> F,
) -> Vec<(Vec<T>, Result<R, StoreError>)>
where
    T: Clone,
    F: Future<Output = Result<R, StoreError>>,
{
    let mut done = Vec::new();
    // The next one last.
    let mut left = vec![items];
    let mut again = true;
    while let Some(mut piece) = left.pop() {
        match work(piece.clone()).await {
            Err(StoreError::Violation(_)) if again => {
                again = false;
                left.push(piece);
            }
            Err(error) if !error.is_passing() && piece.len() > 1 => {
                let second = piece.split_off(piece.len() / 2);
                left.push(second);
                left.push(piece);
            }
            result => done.push((piece, result)),
        }
    }
    done
}

/// The part of what is to be done that is done next, where what is done is not found again: as much as `most`,
/// and less after something in it was refused, until what is refused stands alone and is passed over.
#[derive(Debug)]
pub(crate) struct Window {
    /// How many of those that come first are passed over.
    pub(crate) skipped: usize,
    /// How many are done at once.
    pub(crate) size: usize,
    most: usize,
}

impl Window {
    pub(crate) fn new(most: usize) -> Window {
        Window { skipped: 0, size: most.max(1), most: most.max(1) }
    }

    /// What was in it is done.
    pub(crate) fn done(&mut self) {
        self.size = self.size.saturating_mul(2).min(self.most);
    }

    /// Something in it was refused.
    pub(crate) fn refused(&mut self) {
        match self.size {
            1 => self.skipped += 1,
            _ => self.size /= 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn refused() -> StoreError {
        StoreError::Violation("spoilt".into())
    }

    #[tokio::test]
    async fn what_spoils_stands_alone_after_few_attempts_and_all_others_are_done() {
        let attempts = Cell::new(0);
        let done = in_pieces((0..256).collect(), |piece: Vec<u32>| {
            attempts.set(attempts.get() + 1);
            async move { if piece.contains(&77) { Err(refused()) } else { Ok(piece.len()) } }
        })
        .await;
        let spoilt: Vec<_> = done.iter().filter(|(_, result)| result.is_err()).collect();
        assert!(matches!(spoilt[..], [(piece, _)] if **piece == [77]), "{spoilt:?}");
        let order: Vec<u32> = done.iter().flat_map(|(piece, _)| piece.iter().copied()).collect();
        assert_eq!(order, (0..256).collect::<Vec<_>>());
        assert!(attempts.get() <= 2 * 8 + 2, "{}", attempts.get());
    }

    #[tokio::test]
    async fn a_race_is_over_with_the_second_attempt_and_what_may_pass_is_not_cut() {
        let attempts = Cell::new(0);
        let done = in_pieces(vec![1, 2, 3], |piece: Vec<u32>| {
            attempts.set(attempts.get() + 1);
            let first = attempts.get() == 1;
            async move { if first { Err(refused()) } else { Ok(piece.len()) } }
        })
        .await;
        assert!(matches!(done[..], [(_, Ok(3))]), "{done:?}");
        let away = |_| async { Err::<(), _>(StoreError::Unavailable("away".into())) };
        let done = in_pieces(vec![1, 2, 3], away).await;
        assert!(matches!(&done[..], [(piece, Err(_))] if piece.len() == 3), "{done:?}");
    }

    #[test]
    fn a_window_passes_over_what_is_refused_and_over_nothing_else() {
        let mut left: Vec<u32> = (0..1000).collect();
        let (mut window, mut attempts) = (Window::new(256), 0);
        loop {
            attempts += 1;
            let end = (window.skipped + window.size).min(left.len());
            if left[window.skipped..end].iter().any(|n| [3, 4, 700].contains(n)) {
                window.refused();
                continue;
            }
            let done = left.drain(window.skipped..end).len();
            if done < window.size {
                break;
            }
            window.done();
        }
        assert_eq!(left, [3, 4, 700]);
        assert!(attempts < 60, "{attempts}");
    }
}
