import Contexts
import Execution
import Foundation
import KerasFormat
import ModelGraph
import Planning
import Pruning

/// One measurement from the first probe to the files, taking up what an earlier one left.
struct MeasureSession {
    private let files: MeasureFiles
    private let models: [(name: String, model: KerasModel)]
    private let threads: Int
    private let isQuick: Bool
    private let progress: Progress
    private let log: MeasurementLog

    init(
        files: MeasureFiles, models: [(name: String, model: KerasModel)], threads: Int,
        isQuick: Bool, progress: Progress
    ) throws {
        self.files = files
        self.models = models
        self.threads = threads
        self.isQuick = isQuick
        self.progress = progress
        try files.makeFolder()
        let networks = models.map { name, model in
            let shapes = (model.graph.assumedInputs ?? []).map { "\($0)" }.joined()
            return "\(name) \(ModelFingerprint(of: model.graph))\(shapes)"
        }
        log = try MeasurementLog(
            path: files.log,
            purpose: "\(MachineFigures.processorName()), threads \(threads), "
                + "\(isQuick ? "quick, " : "")\(networks.joined(separator: ", "))")
    }

    func run() throws -> MeasureReport {
        let start = ContinuousClock.now
        Interrupts.explain(
            "what was measured is kept in \(files.log); the same command goes on from there")
        defer { Interrupts.explain(nil) }
        if log.resumed > 0 {
            progress.note("\(log.resumed) choices of widths are taken over from \(log.path)")
        }
        let machine =
            try log.machine
            ?? MachineFigures.measure(
                threads: threads, isQuick: isQuick, models: models.map(\.model),
                progress: progress)
        if log.machine == nil { try log.append(machine) }
        var networks: [MeasureReport.Network] = []
        for (name, model) in models {
            let probe = try NetworkProbe(
                model, name: name, multiple: machine.channelMultiple, threads: threads,
                isQuick: isQuick)
            networks.append(try measure(probe, machine))
        }
        let table = MeasuredTable(log.settings)
        try write(table, machine, networks)
        log.remove()
        return MeasureReport(
            profile: files.profile, table: files.table, machine: machine, networks: networks,
            rows: table.rows.count, filledRows: table.filledCount,
            seconds: (ContinuousClock.now - start).seconds)
    }

    /// All settings of a network that the log does not have, then the checks.
    private func measure(
        _ probe: NetworkProbe, _ machine: MachineFigures
    ) throws -> MeasureReport.Network {
        let known = Set(log.settings.filter { $0.network == probe.name }.map(\.number))
        let count = probe.design.settings.count
        let start = ContinuousClock.now
        for number in 0..<count where !known.contains(number) {
            let done = number - known.count { $0 < number }
            let left = count - known.count - done
            let each = done > 0 ? (ContinuousClock.now - start).seconds / Double(done) : 0
            progress.show(
                "\(probe.name): \(number) of \(count) choices of widths"
                    + (done > 0 ? ", about \(Measure.seconds(each * Double(left))) to go" : ""))
            try log.append(try probe.measure(number))
        }
        progress.show("\(probe.name): checking predictions")
        let mine = log.settings.filter { $0.network == probe.name }
        let costModel = try self.costModel(machine, MeasuredTable(mine))
        let typical = mine.referenceMicroseconds
        var random = SeededRandom(2, stream: 0, number: 0)
        var checks: [(measured: Double, predicted: Double)] = []
        for _ in 0..<(isQuick ? 2 : 7) {
            let check = try probe.check(probe.design.randomWidths { Double(random.next()) })
            let predicted = (costModel.inferenceMs(of: check.summary) ?? 0) * 1000
            let factor = typical / check.reference
            checks.append((check.microseconds * factor, predicted))
        }
        let base = mine.steadied().first { $0.number == 0 }?.microseconds ?? 0
        let looks = LatencyStatistics(mine.map(\.reference))
        return MeasureReport.Network(
            name: probe.name, file: probe.model.file, microseconds: base,
            predictedMicroseconds: (costModel.inferenceMs(of: probe.analysis.base) ?? 0) * 1000,
            settings: count, resumed: known.count, samples: mine.reduce(0) { $0 + $1.samples },
            outliers: mine.reduce(0) { $0 + $1.outliers }, checks: checks,
            speedChange: looks.minimum > 0 ? (looks.samples.last ?? 0) / looks.minimum - 1 : 0)
    }

    /// A cost model with what was measured, read from the text as `prune` will read it.
    private func costModel(
        _ machine: MachineFigures, _ table: MeasuredTable
    ) throws -> CostModel {
        let text = table.csv(comments: [])
        let device = Device(
            runtime: MeasuredProfile.runtime, peakGflops: machine.gflops,
            memoryBandwidthGBps: machine.bandwidthGBps, channelMultiple: machine.channelMultiple,
            layerOverheadUs: machine.overheadUs, decodeMiBPerSecond: machine.decodeMiBPerSecond)
        return CostModel(
            device: device, network: nil,
            table: try LatencyTable(csv: Data(text.utf8), file: files.table))
    }

    /// Both files or none; the table first, so that a profile never names one that is not there.
    private func write(
        _ table: MeasuredTable, _ machine: MachineFigures, _ networks: [MeasureReport.Network]
    ) throws {
        let profile = MeasuredProfile(
            name: files.name, machine: machine,
            networks: networks.map {
                .init(name: $0.name, microseconds: $0.microseconds, settings: $0.settings)
            },
            date: Self.today(), isQuick: isQuick, table: files.tableReference)
        let csv = try PendingFile.stage(
            table.csv(comments: profile.comments).utf8, for: files.table,
            overwrite: files.overwrites)
        let yaml = try PendingFile.stage(
            profile.yaml.utf8, for: files.profile, overwrite: files.overwrites)
        try PendingFile.commit(together: [csv, yaml])
    }

    private static func today() -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyy-MM-dd"
        return formatter.string(from: Date())
    }
}
