import ArgumentParser
import FleetSimulation
import Foundation

/// `fleet sensitivity`: the same comparison in worlds that differ in one assumption each.
struct SensitivityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensitivity", abstract: "Change one assumption at a time.")

    @OptionGroup var arguments: FleetArguments

    @Option(help: "Only the cases whose names have this in them.")
    var only: String?

    private static let policies: [Policy] = [
        .fixedBase, .fixedMiddle, .cloud, .nearest, .adapterUnlearned, .adapter, .adapterMeasured,
        .adapterCloud, .oracle,
    ]

    private static let cases: [(String, @Sendable (inout WorldOptions) -> Void)] = [
        ("as assumed", { _ in }),
        ("bandwidth × ½", { $0.bandwidthFactor = 0.5 }),
        ("bandwidth × 2", { $0.bandwidthFactor = 2 }),
        ("devices alike (σ 0)", { $0.deviceDeviation = 0 }),
        ("devices apart (σ 0.7)", { $0.deviceDeviation = 0.7 }),
        (
            "classes as the profiles say",
            {
                $0.classDeviation = 0; $0.variantDeviation = 0
            }
        ),
        ("classes far off (σ 0.7)", { $0.classDeviation = 0.7 }),
        (
            "requests × ½",
            {
                $0.liveRequests /= 2; $0.tapRequests /= 2
            }
        ),
        (
            "requests × 3",
            {
                $0.liveRequests *= 3; $0.tapRequests *= 3
            }
        ),
        ("caches always kept", { $0.cacheLoss = 0 }),
        ("caches always empty", { $0.cacheLoss = 1 }),
        ("inputs of 20 KB", { $0.inputBytes = 20_000 }),
        ("a cloud at a tenth of the speed", { $0.cloudOverheadMs *= 10 }),
        ("the adapter is told 1 s for a load", { $0.toldLoadMs = 1000 }),
        (
            "live 66 ms, tap 200 ms",
            {
                $0.liveDeadlineMs *= 2; $0.tapDeadlineMs *= 2
            }
        ),
        (
            "live 17 ms, tap 50 ms",
            {
                $0.liveDeadlineMs /= 2; $0.tapDeadlineMs /= 2
            }
        ),
    ]

    func run() async throws {
        let experiment = try arguments.experiment()
        let policies = arguments.chosen(Self.policies)
        var lines = ["case,policy,hits,low,high,mean-ms,accuracy"]
        print("| in time | " + policies.map(\.rawValue).joined(separator: " | ") + " |")
        print("|---|" + String(repeating: "---:|", count: policies.count))
        for (name, change) in Self.cases where only.map(name.contains) ?? true {
            var options = arguments.options
            change(&options)
            let tallies = try await experiment.run(policies, options: options)
            var cells: [String] = []
            for policy in policies {
                let runs = tallies[policy] ?? []
                let hits = Interval(of: runs.map(Figure.hits.value))
                let mean = Interval(of: runs.map(Figure.meanMs.value)).mean
                let accuracy = Interval(of: runs.map(Figure.accuracy.value)).mean
                lines.append(
                    "\"\(name)\",\"\(policy.rawValue)\",\(hits.mean.text(6)),\(hits.low.text(6)),"
                        + "\(hits.high.text(6)),\(mean.text(3)),\(accuracy.text(6))")
                cells.append(
                    (hits.mean * 100).text(1) + " %, " + mean.text(0) + " ms")
            }
            print("| \(name) | " + cells.joined(separator: " | ") + " |")
        }
        try arguments.write(lines, to: "sensitivity.csv")
    }
}
