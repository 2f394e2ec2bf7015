extension FamilyProblem {
    /// Evaluations of one context by one option that enumeration may take.
    static let mostEnumerated = 400_000_000.0

    /// A choice within a budget that is worth much.
    ///
    /// Greedy with lazy evaluation (Minoux, 1978): at each step what adds most. With a limit on the count alone
    /// that is worth at least 1 − 1/e of the best (Nemhauser, Wolsey, Fisher, 1978). With a limit on bytes, the
    /// better of greedy by gain and greedy by gain for each byte has ½ · (1 − 1/e) (Leskovec et al.,
    /// "Cost-effective outbreak detection in networks", 2007); where the instance is small, greedy by gain for
    /// each byte also goes on from every choice of three, which has 1 − 1/e (Sviridenko, 2004). Both are about
    /// what is added to the fixed options. ``FamilySolution/bound`` holds for the instance, and is tighter.
    ///
    /// Options that add nothing are not taken. The same problem gives the same choice.
    /// - Complexity: O(contexts · options²) at most without enumeration; mostly far less.
    package func solve(within budget: FamilyBudget) -> FamilySolution {
        var base = [Double](repeating: 0, count: weights.count)
        for index in fixed { take(index, into: &base) }
        let fixedWorth = worth(base)
        let open = options.indices.filter { !options[$0].isFixed }
        guard let room = budget.left(after: fixed, of: options) else {
            return FamilySolution(
                taken: [], worth: fixedWorth, fixedWorth: fixedWorth, bound: fixedWorth,
                guarantee: .exact, isWithinBudget: false)
        }
        let hasLimits = (count: budget.count != nil, bytes: budget.bytes != nil)
        var runs = [grow(base, from: [], among: open, room: room, perByte: false)]
        var guarantee = FamilySolution.Guarantee.greedy
        if hasLimits.bytes {
            runs.append(grow(base, from: [], among: open, room: room, perByte: true))
            guarantee = hasLimits.count ? .none : .halfGreedy
            if isSmall(open) {
                runs += enumerate(base, among: open, room: room)
                if !hasLimits.count { guarantee = .greedy }
            }
        }
        // The first of equals, so that the order of the runs decides and no rounding.
        var best = runs[0]
        for run in runs.dropFirst() where run.worth > best.worth * (1 + 1e-12) { best = run }
        let bound = max(best.worth, self.bound(base, path: best.taken, among: open, room: room))
        let isExact = bound <= best.worth * (1 + 1e-9) + 1e-300
        return FamilySolution(
            taken: best.taken, worth: best.worth, fixedWorth: fixedWorth, bound: bound,
            guarantee: isExact ? .exact : guarantee, isWithinBudget: true)
    }

    typealias Room = (count: Int, bytes: Int)

    struct Run {
        var taken: [Int]
        var worth: Double
    }

    // MARK: Greedy

    /// Takes what adds most, or most for each byte, as long as something adds and fits.
    ///
    /// - Parameter start: what is taken first.
    func grow(
        _ base: [Double], from start: [Int], among open: [Int], room: Room, perByte: Bool
    ) -> Run {
        var (best, room, taken) = (base, room, start)
        for index in start {
            take(index, into: &best)
            room = (room.count - 1, room.bytes - options[index].bytes)
        }
        // What an option added once it never adds more later: an upper bound until it is looked at again.
        var waiting = open.filter { !start.contains($0) }.map { (index: $0, key: Double.infinity) }
        while room.count > 0 {
            waiting.removeAll { options[$0.index].bytes > room.bytes }
            guard
                let place = waiting.indices.max(by: {
                    (waiting[$0].key, waiting[$1].index) < (waiting[$1].key, waiting[$0].index)
                })
            else { break }
            let index = waiting[place].index
            let gain = gain(of: index, over: best)
            let key = perByte ? gain / Double(max(1, options[index].bytes)) : gain
            guard gain > 0 else {
                waiting.remove(at: place)
                continue
            }
            let isBest = waiting.indices.allSatisfy {
                $0 == place || waiting[$0].key < key
                    || (waiting[$0].key == key && waiting[$0].index > index)
            }
            guard isBest else {
                waiting[place].key = key
                continue
            }
            take(index, into: &best)
            taken.append(index)
            room = (room.count - 1, room.bytes - options[index].bytes)
            waiting.remove(at: place)
        }
        return Run(taken: taken, worth: worth(best))
    }

    // MARK: Enumeration

    private func isSmall(_ open: [Int]) -> Bool {
        let count = Double(open.count)
        return count * count * count / 6 * 3 * count * Double(max(1, weights.count))
            <= Self.mostEnumerated
    }

    /// Greedy by gain for each byte from every choice of up to three that fits.
    private func enumerate(_ base: [Double], among open: [Int], room: Room) -> [Run] {
        var best: Run?
        func consider(_ start: [Int]) {
            guard start.count <= room.count,
                start.reduce(0, { $0 + options[$1].bytes }) <= room.bytes
            else { return }
            let run = grow(base, from: start, among: open, room: room, perByte: true)
            if run.worth > (best?.worth ?? -1) * (1 + 1e-12) { best = run }
        }
        for (place, one) in open.enumerated() {
            consider([one])
            for (next, two) in open.enumerated().dropFirst(place + 1) {
                consider([one, two])
                for three in open.dropFirst(next + 1) { consider([one, two, three]) }
            }
        }
        return best.map { [$0] } ?? []
    }

    // MARK: Bound

    /// No choice within the budget is worth more than this.
    ///
    /// Whatever `S` is, the best choice is worth at most `F(S)` and what each of its options adds to `S`; the
    /// most that options within the budget can add so is a knapsack whose fractional solution is larger
    /// (Leskovec et al., 2007). That is computed along the way of the greedy choice, and the least counts.
    private func bound(_ base: [Double], path: [Int], among open: [Int], room: Room) -> Double {
        var best = base
        var bound = Double.infinity
        let stride = max(1, path.count / 32)
        for step in 0...path.count {
            if step % stride == 0 || step == path.count {
                let gains = open.map { (gain: gain(of: $0, over: best), bytes: options[$0].bytes) }
                bound = min(bound, worth(best) + Self.most(of: gains, room: room))
            }
            if step < path.count { take(path[step], into: &best) }
        }
        return bound
    }

    /// The most that can be had of these, by count alone or by bytes alone, whichever is less.
    private static func most(of gains: [(gain: Double, bytes: Int)], room: Room) -> Double {
        let byCount = gains.map(\.gain).sorted(by: >).prefix(room.count).reduce(0, +)
        // What fits no budget is in no choice.
        let sorted = gains.filter { $0.gain > 0 && $0.bytes <= room.bytes }.sorted {
            $0.gain * Double($1.bytes) > $1.gain * Double($0.bytes)
        }
        var (left, byBytes) = (Double(room.bytes), 0.0)
        for item in sorted {
            let share = item.bytes > 0 ? min(1, left / Double(item.bytes)) : 1
            byBytes += share * item.gain
            left -= share * Double(item.bytes)
            if left <= 0, item.bytes > 0 { break }
        }
        return min(byCount, byBytes)
    }
}
