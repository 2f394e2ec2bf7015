package import RuntimeAdapter

/// Fleets of several seeds under several policies.
package struct Experiment: Sendable {
    /// What the server has, as it is in the store.
    package let catalogue: VariantCatalogue
    /// Whose networks are served.
    package let family: String
    /// How many fleets.
    package let seeds: Int

    package init(catalogue: VariantCatalogue, family: String, seeds: Int) {
        self.catalogue = catalogue
        self.family = family
        self.seeds = seeds
    }

    /// Runs all policies on the same fleets, two at a time.
    ///
    /// - Returns: for each policy a tally of each seed; the same whatever runs beside it.
    /// - Throws: ``FleetError``.
    package func run(
        _ policies: [Policy], options: WorldOptions
    ) async throws -> [Policy: [Tally]] {
        let scaled = catalogue.scaled(by: options.networkScale)
        var tallies: [Policy: [Tally]] = [:]
        for seed in 1...UInt64(max(1, seeds)) {
            let plan = FleetPlan(seed: seed, options: options)
            let results = try await withThrowingTaskGroup(of: (Policy, Tally).self) { group in
                var left = policies[...]
                func start() {
                    guard let policy = left.popFirst() else { return }
                    group.addTask {
                        var simulation = try Simulation(
                            policy, plan: plan, catalogue: scaled, family: family, seed: seed,
                            options: options)
                        return (policy, simulation.run())
                    }
                }
                start()
                start()
                var results: [Policy: Tally] = [:]
                for try await (policy, tally) in group {
                    results[policy] = tally
                    start()
                }
                return results
            }
            for (policy, tally) in results { tallies[policy, default: []].append(tally) }
        }
        return tallies
    }
}
