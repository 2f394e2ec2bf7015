extension Evaluation {
    /// What was found, before it is dressed up as a ``Selection``.
    struct Choice {
        let index: Int
        let isCached: Bool
        let step: Selection.Step
    }

    /// The best candidate of a family: the rules, then the ladder; nil where only the server is left.
    ///
    /// - Complexity: O(members of the family's ``Skyline``), and O(1) for each digest that the client has; allocates
    ///   nothing.
    func choose(from family: Range<Int>, cached: ArraySlice<String>) -> Choice? {
        var (best, fastest) = scan(family)
        var fastestCached = Contender()
        for digest in cached {
            for place in catalogue.places(of: digest) {
                let index = Int(place)
                guard family.contains(index), mayServe(index) else { continue }
                let cost = cost(index, cached: true)
                fastestCached.challenge(index, cached: true, cost: cost, in: catalogue)
                guard fits(index, cached: true) else { continue }
                if best.index >= 0,
                    catalogue.figures[index].rank > catalogue.figures[best.index].rank
                {
                    continue
                }
                if best.index >= 0,
                    catalogue.figures[index].rank < catalogue.figures[best.index].rank
                {
                    best = Contender()
                }
                best.challenge(index, cached: true, cost: cost, in: catalogue)
            }
        }
        return best.choice(.fits) ?? fastestCached.choice(.cached) ?? fastest.choice(.smaller)
            ?? base(in: family, cached: cached)
    }

    /// The most accurate that fits, of equals the one that is done first; and, where none fits, the one
    /// that is done first of all that may serve.
    private func scan(_ family: Range<Int>) -> (best: Contender, fastest: Contender) {
        var (best, fastest) = (Contender(), Contender())
        for member in table.skyline.members(of: family) {
            let index = Int(member)
            if best.index >= 0, catalogue.figures[index].rank != catalogue.figures[best.index].rank
            {
                break
            }
            guard mayServe(index) else { continue }
            let load = loadOrNil(index)
            let cost = (load?.mean ?? .infinity) + table.figures[index].inferenceMs
            if infersInTime(index), isInTime(load) {
                best.challenge(index, cached: false, cost: cost, in: catalogue)
            } else if best.index < 0 {
                fastest.challenge(index, cached: false, cost: cost, in: catalogue)
            }
        }
        return (best, fastest)
    }

    private func base(in family: Range<Int>, cached: ArraySlice<String>) -> Choice? {
        for index in family
        where catalogue.candidates[index].kind == .base && isUsable(index) {
            return Choice(
                index: index, isCached: has(index, cached), step: .base)
        }
        return nil
    }

    /// Whether a client with these digests has a candidate; allocates nothing.
    func has(_ index: Int, _ cached: ArraySlice<String>) -> Bool {
        for digest in cached {
            for place in catalogue.places(of: digest) where Int(place) == index { return true }
        }
        return false
    }

    /// The rejection of the family's most accurate candidate, and how many are more accurate than the choice.
    func reason(for choice: Choice, in family: Range<Int>, cached: ArraySlice<String>)
        -> Selection.Reason
    {
        let top = family.lowerBound
        let better = Int(catalogue.figures[choice.index].rank)
        if choice.step == .fits, better == 0 { return .mostAccurate }
        guard let rejection = firstRejection(of: top, cached: has(top, cached)) else {
            return .mostAccurate
        }
        return choice.step == .fits
            ? .moreAccurateRejected(count: better, because: rejection)
            : .noneFits(because: rejection)
    }
}

/// The best candidate so far: less cost, then fewer bytes, then the catalogue's order.
private struct Contender {
    var index = -1
    private var isCached = false
    private var cost = Double.infinity

    mutating func challenge(
        _ other: Int, cached: Bool, cost otherCost: Double, in catalogue: VariantCatalogue
    ) {
        if index >= 0 {
            if otherCost > cost { return }
            if otherCost == cost {
                let (one, two) = (
                    catalogue.figures[index].fileBytes, catalogue.figures[other].fileBytes
                )
                if two > one || (two == one && other > index) { return }
                // The same one: better from the client's cache.
                if other == index, !cached { return }
            }
        }
        (index, isCached, cost) = (other, cached, otherCost)
    }

    func choice(_ step: Selection.Step) -> Evaluation.Choice? {
        index < 0 ? nil : Evaluation.Choice(index: index, isCached: isCached, step: step)
    }
}
