import ArgumentParser
import FleetSimulation
import Foundation

/// `fleet capacity`: how many requests are answered in time when ever more clients share one cloud.
struct CapacityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capacity",
        abstract: "Let ever more clients share one core of a cloud, in the busiest half hour.")

    @OptionGroup var arguments: FleetArguments

    @Option(help: "Fleets of so many times the clients, separated by commas.")
    var factors = "1,2,4,8"

    private static let policies: [Policy] = [
        .cloud, .fixedBase, .fixedMiddle, .fixedMiddleCloud, .adapter, .adapterCloud,
    ]

    func run() async throws {
        let experiment = try arguments.experiment()
        var lines = ["clients,offered-per-second,policy,hits-per-second,hits,mean-ms,cloud-load"]
        for factor in factors.split(separator: ",").compactMap({ Double($0) }) {
            var options = arguments.options
            options.clients = Int(Double(arguments.clients) * factor)
            // People who use it much, in the busiest half hour: their caches are soon warm.
            (options.beginHour, options.hours) = (19.75, 0.5)
            options.sessionsPerDay = 96
            let tallies = try await experiment.run(Self.policies, options: options)
            for policy in Self.policies {
                let runs = tallies[policy] ?? []
                func mean(_ value: (Tally) -> Double) -> Double {
                    runs.map(value).reduce(0, +) / Double(max(1, runs.count))
                }
                let seconds = options.hours * 3600
                lines.append(
                    [
                        "\(options.clients)", mean { Double($0.whole.requests) / seconds }.text(2),
                        "\"\(policy.rawValue)\"", mean { Double($0.whole.hits) / seconds }.text(2),
                        mean(Figure.hits.value).text(6), mean(Figure.meanMs.value).text(3),
                        mean { $0.cloudBusyMs / (seconds * 1000 * Double(options.cloudWorkers)) }
                            .text(6),
                    ].joined(separator: ","))
            }
        }
        lines.forEach { print($0) }
        try arguments.write(lines, to: "capacity.csv")
    }
}
