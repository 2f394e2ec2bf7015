extension Evaluation {
    /// What was found, before it is dressed up as a ``Selection``.
    struct Choice {
        let index: Int
        let copy: ClientCopy
        let step: Selection.Step
    }

    /// The best candidate of a family: the rules, then the ladder; nil where only the server is left.
    ///
    /// - Complexity: O(members of the family's ``Skyline``), and O(1) for each digest that the client has; allocates
    ///   nothing.
    func choose(from family: Range<Int>, copies: ClientCopies) -> Choice? {
        var (best, fastest) = scan(family)
        var fastestThere = Contender()
        for digest in copies.loaded {
            challenge(&best, &fastestThere, by: digest, .loaded, of: family)
        }
        for digest in copies.cached {
            challenge(&best, &fastestThere, by: digest, .cached, of: family)
        }
        return best.choice(.fits) ?? fastestThere.choice(.cached) ?? fastest.choice(.smaller)
            ?? base(in: family, copies: copies)
    }

    /// Looks at what the client has under one digest.
    @inline(__always)
    private func challenge(
        _ best: inout Contender, _ fastestThere: inout Contender, by digest: String,
        _ copy: ClientCopy, of family: Range<Int>
    ) {
        for place in catalogue.places(of: digest) {
            let index = Int(place)
            guard family.contains(index), mayServe(index) else { continue }
            let cost = cost(index, copy: copy)
            fastestThere.challenge(index, copy: copy, cost: cost, in: catalogue)
            guard fits(index, copy: copy) else { continue }
            if best.index >= 0 {
                let (rank, other) = (
                    catalogue.figures[index].rank, catalogue.figures[best.index].rank
                )
                if rank > other { continue }
                if rank < other { best = Contender() }
            }
            best.challenge(index, copy: copy, cost: cost, in: catalogue)
        }
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
            let load = downloadOrNil(index)
            let cost = (load?.mean ?? .infinity) + table.figures[index].inferenceMs
            if infersInTime(index), isInTime(load) {
                best.challenge(index, copy: .none, cost: cost, in: catalogue)
            } else if best.index < 0 {
                fastest.challenge(index, copy: .none, cost: cost, in: catalogue)
            }
        }
        return (best, fastest)
    }

    private func base(in family: Range<Int>, copies: ClientCopies) -> Choice? {
        for index in family
        where catalogue.candidates[index].kind == .base && isUsable(index) {
            return Choice(
                index: index, copy: copies.copy(of: index, in: catalogue), step: .base)
        }
        return nil
    }

    /// The rejection of the family's most accurate candidate, and how many are more accurate than the choice.
    func reason(for choice: Choice, in family: Range<Int>, copies: ClientCopies)
        -> Selection.Reason
    {
        let top = family.lowerBound
        let better = Int(catalogue.figures[choice.index].rank)
        if choice.step == .fits, better == 0 { return .mostAccurate }
        let copy = copies.copy(of: top, in: catalogue)
        guard let rejection = firstRejection(of: top, copy: copy) else {
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
    private var copy = ClientCopy.none
    private var cost = Double.infinity

    mutating func challenge(
        _ other: Int, copy otherCopy: ClientCopy, cost otherCost: Double,
        in catalogue: VariantCatalogue
    ) {
        if index >= 0 {
            if otherCost > cost { return }
            if otherCost == cost {
                let (one, two) = (
                    catalogue.figures[index].fileBytes, catalogue.figures[other].fileBytes
                )
                if two > one || (two == one && other > index) { return }
                // The same one: better from the client's memory, then from its cache.
                if other == index, otherCopy != .loaded, copy != .none { return }
            }
        }
        (index, copy, cost) = (other, otherCopy, otherCost)
    }

    func choice(_ step: Selection.Step) -> Evaluation.Choice? {
        index < 0 ? nil : Evaluation.Choice(index: index, copy: copy, step: step)
    }
}
