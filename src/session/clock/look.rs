//! Whether a moment is yet to come, without reading the clock that counts sleep for each request: on Linux that takes 20 ns and more,
//! and the two clocks that are kept by the timer's tick take 5 ns each.
//!
//! A [`Look`] keeps where all three stood. Its answer holds for a second on the clock that stops during sleep, and for as long as the
//! wall clock goes along with that one. After a sleep the wall clock is ahead; after somebody has set it, it is ahead or behind. In
//! both cases the true clock is read anew, and so it is when the moment is near. What is left: a wall clock that is set back by as
//! much as the machine slept, to the hundredth of a second, within a second of work. Then the next second's look finds it.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds for which a look is good.
const GOOD: u64 = 1_000_000_000;
/// Nanoseconds by which the cheap clocks may differ because they were not read at once: a few of the timer's ticks.
const APART: u64 = 20_000_000;
/// Milliseconds that the true clock may be ahead of where the cheap ones were at the end of a look.
const TICKS: u64 = 50;

/// The machine's clocks.
pub(super) trait Clocks {
    /// Nanoseconds, without those of sleep, as of the timer's last tick.
    fn awake(&self) -> u64;
    /// Nanoseconds of the wall clock, as of the timer's last tick.
    fn wall(&self) -> u64;
    /// Milliseconds, with those of sleep.
    fn now(&self) -> u64;
}

/// The system's own.
pub(super) struct System;

impl Clocks for System {
    fn awake(&self) -> u64 {
        nanoseconds(ClockId::MonotonicCoarse)
    }

    fn wall(&self) -> u64 {
        nanoseconds(ClockId::RealtimeCoarse)
    }

    fn now(&self) -> u64 {
        super::now()
    }
}

/// Only differences count, so that a wall clock before 1970 does no harm.
fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    (time.tv_sec as u64)
        .wrapping_mul(1_000_000_000)
        .wrapping_add(time.tv_nsec as u64)
}

/// Where the clocks stood when the true one was read.
#[derive(Clone, Copy)]
pub(super) struct Look {
    awake: u64,
    /// How far the wall clock was ahead of `awake`.
    ahead: u64,
    /// The latest that it can be, on the true clock, while this look is good.
    latest: u64,
}

impl Look {
    /// Before the first look: good for nothing.
    pub(super) const NONE: Self = Self {
        awake: 0,
        ahead: 0,
        latest: u64::MAX,
    };

    /// Whether the moment is yet to come on the true clock, which is read where this look does not say it.
    pub(super) fn before(&mut self, moment: u64, clocks: &impl Clocks) -> bool {
        let awake = clocks.awake();
        let ahead = clocks.wall().wrapping_sub(awake);
        if self.latest < moment
            && awake.wrapping_sub(self.awake) < GOOD
            && (ahead.wrapping_sub(self.ahead) as i64).unsigned_abs() <= APART
        {
            return true;
        }
        // The true clock comes last: a sleep between the readings makes this look one that is soon replaced, never one that misses it.
        let now = clocks.now();
        *self = Self {
            awake,
            ahead,
            latest: now.saturating_add(GOOD / 1_000_000 + TICKS),
        };
        now < moment
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;
    const HOUR: u64 = 3600 * SECOND;

    /// A machine that works, sleeps, and has its wall clock set. In nanoseconds.
    struct Machine {
        awake: u64,
        slept: u64,
        wall: u64,
        looks: Cell<u32>,
    }

    impl Machine {
        fn new() -> Self {
            Self {
                awake: 7 * HOUR,
                slept: 3 * HOUR,
                wall: 500_000 * HOUR,
                looks: Cell::new(0),
            }
        }

        fn work(&mut self, time: u64) {
            self.awake += time;
            self.wall += time;
        }

        fn sleep(&mut self, time: u64) {
            self.slept += time;
            self.wall += time;
        }

        fn set_wall(&mut self, by: i64) {
            self.wall = self.wall.wrapping_add_signed(by);
        }

        /// The true clock some nanoseconds from now.
        fn ahead(&self, time: u64) -> u64 {
            (self.awake + self.slept + time) / 1_000_000
        }
    }

    impl Clocks for Machine {
        fn awake(&self) -> u64 {
            self.awake - self.awake % 4_000_000
        }

        fn wall(&self) -> u64 {
            self.wall - self.wall % 4_000_000
        }

        fn now(&self) -> u64 {
            self.looks.set(self.looks.get() + 1);
            self.ahead(0)
        }
    }

    #[test]
    fn point_25_a_token_does_not_outlive_a_sleep() {
        for (set, what) in [
            (0, "left alone"),
            (HOUR as i64, "set forward"),
            (-(HOUR as i64), "set back"),
            (-400_000 * HOUR as i64, "set back by decades"),
        ] {
            let (mut machine, mut look) = (Machine::new(), Look::NONE);
            let due = machine.ahead(HOUR);
            assert!(look.before(due, &machine));
            machine.work(SECOND / 100);
            assert!(look.before(due, &machine));
            machine.sleep(8 * HOUR);
            machine.set_wall(set);
            assert!(!look.before(due, &machine), "the wall clock was {what}");
        }
    }

    #[test]
    fn point_25_a_wall_clock_that_is_set_ends_no_token_and_stretches_none() {
        for set in [HOUR as i64, -(HOUR as i64)] {
            let (mut machine, mut look) = (Machine::new(), Look::NONE);
            let due = machine.ahead(HOUR);
            assert!(look.before(due, &machine));
            machine.set_wall(set);
            assert!(look.before(due, &machine));
            machine.work(HOUR);
            assert!(!look.before(due, &machine));
        }
    }

    #[test]
    fn point_25_a_wall_clock_set_back_by_a_sleep_hides_it_for_a_second_of_work() {
        let (mut machine, mut look) = (Machine::new(), Look::NONE);
        let due = machine.ahead(HOUR);
        assert!(look.before(due, &machine));
        machine.sleep(8 * HOUR);
        machine.set_wall(-8 * HOUR as i64);
        machine.work(SECOND);
        assert!(!look.before(due, &machine));
    }

    #[test]
    fn the_true_clock_is_read_once_a_second_and_more_often_at_the_end() {
        let (mut machine, mut look) = (Machine::new(), Look::NONE);
        let due = machine.ahead(60 * SECOND);
        for _ in 0..50_000 {
            assert!(look.before(due, &machine));
            machine.work(SECOND / 1000);
        }
        assert_eq!(machine.looks.get(), 50);
        machine.work(9 * SECOND + SECOND / 2);
        for _ in 0..500 {
            assert!(look.before(due, &machine));
            machine.work(SECOND / 1000);
        }
        assert!(!look.before(due, &machine));
        assert_eq!(machine.looks.get(), 50 + 501);
    }

    #[test]
    fn the_systems_clocks_can_be_compared() {
        let mut look = Look::NONE;
        let now = super::super::now();
        for _ in 0..1000 {
            assert!(look.before(now + 3_600_000, &System));
            assert!(!look.before(now, &System));
        }
        assert!(look.latest >= now && look.latest < now + 3_600_000);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Work(u64),
        Sleep(u64),
        SetWall(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..2 * SECOND).prop_map(Step::Work),
            2 => (SECOND / 10..9 * HOUR).prop_map(Step::Sleep),
            1 => (-9 * HOUR as i64..9 * HOUR as i64).prop_map(Step::SetWall),
        ]
    }

    proptest! {
        /// Whatever happens to the machine, each answer is the true clock's.
        #[test]
        fn point_25_the_answer_is_the_true_clocks(
            steps in proptest::collection::vec(step(), 1..60),
            due in 0..20 * HOUR,
        ) {
            let (mut machine, mut look) = (Machine::new(), Look::NONE);
            let due = machine.ahead(due);
            for step in steps {
                match step {
                    Step::Work(time) => machine.work(time),
                    Step::Sleep(time) => machine.sleep(time),
                    Step::SetWall(by) => machine.set_wall(by),
                }
                prop_assert_eq!(look.before(due, &machine), machine.ahead(0) < due);
            }
        }
    }
}
