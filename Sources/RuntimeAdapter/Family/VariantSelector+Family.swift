extension VariantSelector {
    /// Which of the catalogue's candidates to keep for contexts that were seen.
    ///
    /// A candidate is worth to a context what a selection would make of it: its accuracy if it keeps memory,
    /// floor and deadlines, less if it is late, nothing if it may not run; `docs/adapter.md` has the formula, and
    /// how near the choice is to the best one in any case. Bases always stay.
    /// - Parameters:
    ///   - contexts: what was seen; what they say of the client's cache is left out.
    ///   - budget: how much may be kept, bases not counted.
    ///   - staying: digests of artifacts that stay in any case.
    /// - Complexity: O(contexts · candidates) for the worths, O(contexts · candidates²) at most for the choice.
    public func family(
        for contexts: [WeightedContext], within budget: FamilyBudget, staying: Set<String> = []
    ) -> FamilyChoice {
        // A copy: requests go on meanwhile, with a catalogue that may change and predictions in use.
        VariantSelector(catalogue, options: options, model: model)
            .chooseFamily(for: contexts, within: budget, staying: staying)
    }

    private func chooseFamily(
        for contexts: [WeightedContext], within budget: FamilyBudget, staying: Set<String>
    ) -> FamilyChoice {
        let catalogue = catalogue
        let (problem, requests) = problem(for: contexts, staying: staying)
        let solution = problem.solve(within: budget)
        let kept = problem.fixed + solution.taken
        let coverage = coverage(of: kept, in: catalogue, contexts: contexts)
        let each = requests > 0 ? requests : 1
        func member(_ index: Int) -> FamilyChoice.Member {
            let candidate = catalogue.candidates[index]
            let without = kept.filter { $0 != index }
            let isKept = without.count < kept.count
            return FamilyChoice.Member(
                candidate: candidate, isFixed: problem.options[index].isFixed,
                share: coverage.fitting[candidate.digest, default: 0] / each,
                fallbackShare: coverage.others[candidate.digest, default: 0] / each,
                loss: isKept ? max(0, solution.worth - problem.worth(of: without)) / each : 0)
        }
        let keptOnes = Set(kept)
        return FamilyChoice(
            kept: kept.map(member),
            dropped: catalogue.candidates.indices.filter { !keptOnes.contains($0) }.map(member),
            worth: solution.worth / each,
            worthOfAll: problem.worth(of: catalogue.candidates.indices) / each,
            bestPossible: solution.bound / each, guarantee: solution.guarantee.rawValue,
            isWithinBudget: solution.isWithinBudget,
            steps: coverage.steps.mapValues { $0 / each }, requests: requests)
    }

    /// What each candidate is worth to each context.
    ///
    /// Contexts come by family, so that a candidate's worths stand next to each other; those of no family of
    /// the catalogue count among the requests, and nothing serves them.
    func problem(
        for contexts: [WeightedContext], staying: Set<String> = []
    ) -> (problem: FamilyProblem, requests: Double) {
        let catalogue = catalogue
        let utility = FamilyUtility(catalogue)
        var byFamily: [Int: [(context: RequestContext, weight: Double)]] = [:]
        var requests = 0.0
        for item in contexts where item.weight > 0 {
            requests += item.weight
            guard let family = catalogue.family(item.context.model) else { continue }
            byFamily[family.lowerBound, default: []].append((item.context, item.weight))
        }
        var weights: [Double] = []
        var options = catalogue.candidates.map { candidate in
            FamilyProblem.Option(
                values: [], rows: 0..<0, bytes: candidate.fileBytes,
                isFixed: staying.contains(candidate.digest), isFree: candidate.kind == .base)
        }
        for (_, items) in byFamily.sorted(by: { $0.key < $1.key }) {
            guard let family = catalogue.family(items.first?.context.model) else { continue }
            let rows = weights.count..<weights.count + items.count
            for index in family {
                options[index].rows = rows
                options[index].values.reserveCapacity(items.count)
            }
            for item in items {
                weights.append(item.weight)
                let evaluation = evaluation(of: CheckedContext(item.context))
                for index in family {
                    options[index].values.append(utility.value(of: index, in: evaluation))
                }
            }
        }
        return (FamilyProblem(weights: weights, options: options), requests)
    }

    private struct Coverage {
        /// Requests that each digest serves as asked for.
        var fitting: [String: Double] = [:]
        /// Requests that each digest serves otherwise.
        var others: [String: Double] = [:]
        var steps: [Selection.Step: Double] = [:]
    }

    /// What selections from the kept candidates alone give.
    private func coverage(
        of kept: [Int], in catalogue: VariantCatalogue, contexts: [WeightedContext]
    ) -> Coverage {
        let smaller = VariantSelector(
            VariantCatalogue(
                kept.map { catalogue.candidates[$0] }, devices: catalogue.devices.devices),
            options: options, model: model)
        // A family of which nothing is kept is still another one.
        let isOnly = catalogue.models.count == 1
        var coverage = Coverage()
        for item in contexts where item.weight > 0 {
            let context = item.context.ofNewClient
            if context.model == nil, !isOnly {
                coverage.steps[.remote, default: 0] += item.weight
                continue
            }
            let selection = smaller.select(context)
            coverage.steps[selection.step, default: 0] += item.weight
            guard let digest = selection.candidate?.digest else { continue }
            if selection.step == .fits {
                coverage.fitting[digest, default: 0] += item.weight
            } else {
                coverage.others[digest, default: 0] += item.weight
            }
        }
        return coverage
    }
}
