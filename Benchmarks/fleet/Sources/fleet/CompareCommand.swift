import ArgumentParser
import FleetSimulation
import Foundation

/// `fleet compare`: all policies on the same fleets.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare all policies over a day.")

    @OptionGroup var arguments: FleetArguments

    func run() async throws {
        let tallies = try await arguments.experiment().run(
            arguments.chosen(Policy.allCases), options: arguments.options)
        var lines = [
            (["policy"]
                + Figure.allCases.flatMap {
                    [$0.rawValue, "\($0.rawValue)-low", "\($0.rawValue)-high"]
                })
                .joined(separator: ",")
        ]
        print(
            "| policy | in time | 95 % interval | first answer | live | tap | mean ms | p50 | p99 | accuracy "
                + "| in time and right | MiB down | swaps | cloud |")
        print("|---|" + String(repeating: "---:|", count: 13))
        for policy in arguments.chosen(Policy.allCases) {
            let intervals = Figure.allCases.map { figure in
                (figure, Interval(of: (tallies[policy] ?? []).map(figure.value)))
            }
            lines.append(
                (["\"\(policy.rawValue)\""]
                    + intervals.flatMap {
                        [$0.1.mean.text(6), $0.1.low.text(6), $0.1.high.text(6)]
                    })
                    .joined(separator: ","))
            let of = Dictionary(uniqueKeysWithValues: intervals)
            print(row(policy, of))
        }
        try arguments.write(lines, to: "policies.csv")
        try arguments.write(
            parts(tallies, names: FleetClass.all.map(\.name), \.classes), to: "classes.csv")
        try arguments.write(
            parts(tallies, names: (0..<24).map(String.init), \.hours), to: "hours.csv")
    }

    private func row(_ policy: Policy, _ of: [Figure: Interval]) -> String {
        func mean(_ figure: Figure, _ factor: Double = 1, _ decimals: Int) -> String {
            ((of[figure]?.mean ?? 0) * factor).text(decimals)
        }
        let low = ((of[.hits]?.low ?? 0) * 100).text(1)
        let high = ((of[.hits]?.high ?? 0) * 100).text(1)
        let cells = [
            policy.rawValue, mean(.hits, 100, 1) + " %", "\(low)–\(high)",
            mean(.firstHits, 100, 1) + " %", mean(.liveHits, 100, 1) + " %",
            mean(.tapHits, 100, 1) + " %", mean(.meanMs, 1, 0), mean(.medianMs, 1, 1),
            mean(.p99Ms, 1, 0), mean(.accuracy, 100, 2) + " %",
            mean(.correctHits, 100, 1) + " %", mean(.downloadedMiB, 1, 2), mean(.swaps, 1, 2),
            mean(.cloudShare, 100, 1) + " %",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private func parts(
        _ tallies: [Policy: [Tally]], names: [String], _ path: KeyPath<Tally, [Tally.Part]>
    ) -> [String] {
        var lines = ["policy,part,requests,hits,mean-ms,accuracy"]
        for policy in arguments.chosen(Policy.allCases) {
            for (index, name) in names.enumerated() {
                let all = (tallies[policy] ?? []).map { $0[keyPath: path][index] }
                func mean(_ value: (Tally.Part) -> Double) -> String {
                    (all.map(value).reduce(0, +) / Double(max(1, all.count))).text(6)
                }
                let requests = all.reduce(0) { $0 + $1.requests }
                lines.append(
                    "\"\(policy.rawValue)\",\(name),\(requests),\(mean(\.hitShare)),"
                        + "\(mean(\.meanMs)),\(mean(\.meanAccuracy))")
            }
        }
        return lines
    }
}
