use crate::{
    Decision, Error, ErrorKind, Method, Sorted, TwoSample,
    anderson_darling::Criterion,
    cramer_von_mises, energy, kolmogorov_smirnov,
    lengths::Lengths,
    mann_whitney,
    outline::Outline,
    rank_sums::RankSums,
    spread::Spread,
    walk::{Accumulate, Block, Pair},
    wasserstein, welch_t,
};

/// The methods that need the values themselves, several of them in one walk over both samples.
///
/// Each gives to the bit what its own `two_sample` gives; but where that walks over the samples for
/// itself, here they are walked over once for all.
#[derive(Debug)]
pub struct NumericTests<'a> {
    pair: Pair<'a>,
    walked: Walked,
    /// What the intervals need; `None` if none of the methods does, or nothing is known of a variance.
    outline: Option<Outline>,
    /// Of the reference and of the current sample.
    spreads: Option<[Spread; 2]>,
}

/// What is gathered on the walk.
#[derive(Debug)]
struct Walked {
    ranks: Option<RankSums>,
    criterion: Option<Criterion>,
    lengths: Option<Lengths>,
}

impl Accumulate for Walked {
    fn add(&mut self, block: &Block) {
        self.ranks.add(block);
        self.criterion.add(block);
        self.lengths.add(block);
    }
}

impl<'a> NumericTests<'a> {
    /// Walks over both samples, for `methods`; of those that do not need the values there is nothing to
    /// do, so the list may be that of all methods wanted.
    ///
    /// # Arguments
    /// * `reference`, `current`: not empty. Ties are fine.
    /// * `methods`: those that [`Self::test`] will be asked for.
    ///
    /// # Returns
    /// What the methods need to know of the samples.
    ///
    /// # Errors
    /// [`ErrorKind::EmptySample`]: a sample is empty.
    ///
    /// # Numerics
    /// O(n + m), and a list of some hundred cells for the intervals. On a million doubles against a million, all seven
    /// methods together take less time than sorting both samples.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::{Decision, Method, NumericTests, Sorted, energy};
    /// let reference = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
    /// let current = Sorted::try_new(vec![4.0, 5.0, 6.0])?;
    /// let decision = Decision::default();
    /// let tests = NumericTests::try_new(&reference, &current, &Method::ALL)?;
    /// let test = tests.test(Method::KolmogorovSmirnov, &decision)?;
    /// assert_eq!(test.statistic, 1.0);
    /// let own = energy::two_sample(&reference, &current, &decision)?;
    /// assert_eq!(tests.test(Method::Energy, &decision)?, own);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Those of the methods.
    pub fn try_new(
        reference: &'a Sorted,
        current: &'a Sorted,
        methods: &[Method],
    ) -> Result<Self, Error> {
        let pair = Pair::try_new(reference, current)?;
        let wants = |some: &[Method]| some.iter().any(|method| methods.contains(method));
        let by_rank =
            wants(&[Method::KolmogorovSmirnov, Method::CramerVonMises, Method::MannWhitney]);
        let by_length = wants(&[Method::Wasserstein, Method::Energy]);
        let walked = Walked {
            ranks: by_rank.then(RankSums::default),
            criterion: wants(&[Method::AndersonDarling]).then(|| Criterion::of(&pair)),
            lengths: by_length.then(|| Lengths::new(&pair)),
        };
        let walked = if by_rank || by_length || walked.criterion.is_some() {
            pair.walk(walked)
        } else {
            walked
        };
        let spreads = wants(&[Method::WelchT, Method::Wasserstein])
            .then(|| [reference, current].map(|sample| Spread::of(sample, pair.unit)));
        let has_outline = [
            Method::CramerVonMises,
            Method::AndersonDarling,
            Method::MannWhitney,
            Method::WelchT,
            Method::Wasserstein,
            Method::Energy,
        ];
        let outline = if wants(&has_outline) { Outline::of(&pair) } else { None };
        Ok(Self { pair, walked, outline, spreads })
    }

    /// The result of one of the methods.
    ///
    /// # Arguments
    /// * `method`: one of those that were asked for, and that needs the values.
    /// * `decision`: alpha and the effect that matters.
    ///
    /// # Returns
    /// To the bit what the method's own `two_sample` gives.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: another method, or a `decision.alpha` that is no probability.
    /// * Those of the method.
    ///
    /// # Numerics
    /// O(1) but for the p-values, see there.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::{Decision, Method, NumericTests, Sorted};
    /// let sample = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
    /// let tests = NumericTests::try_new(&sample, &sample, &[Method::MannWhitney])?;
    /// assert_eq!(tests.test(Method::MannWhitney, &Decision::default())?.statistic, 4.5);
    /// assert!(tests.test(Method::Energy, &Decision::default()).is_err());
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Those of the method.
    pub fn test(&self, method: Method, decision: &Decision) -> Result<TwoSample, Error> {
        decision.checked_alpha()?;
        let Self { pair, walked, outline, spreads } = self;
        let outline = outline.as_ref();
        let other = Error::new(ErrorKind::OutOfRange, "the method, which was not prepared,");
        let (spreads, lengths) = (spreads.ok_or(other), walked.lengths.as_ref().ok_or(other));
        let (ranks, criterion) = (walked.ranks.as_ref().ok_or(other), walked.criterion.as_ref());
        match method {
            Method::KolmogorovSmirnov => Ok(kolmogorov_smirnov::conclude(pair, ranks?, decision)),
            Method::CramerVonMises => cramer_von_mises::conclude(pair, ranks?, outline, decision),
            Method::AndersonDarling => criterion.ok_or(other)?.conclude(pair, outline, decision),
            Method::MannWhitney => mann_whitney::conclude(pair, ranks?, outline, decision),
            Method::WelchT => welch_t::conclude(pair, spreads?, outline, decision),
            Method::Wasserstein => {
                wasserstein::conclude(pair, lengths?, outline, &spreads?[0], decision)
            }
            Method::Energy => energy::conclude(pair, lengths?, outline, decision),
            _ => Err(other),
        }
    }
}
