import Contexts
import Foundation
import Glibc
import OrderedJSON

/// What was measured so far, kept in a file so that a run that breaks off is not lost.
///
/// A CSV file whose comments say what it belongs to. It is appended to setting by setting, each in one write that ends with a
/// comment of its own: what has no such end is not believed.
final class MeasurementLog {
    let path: String
    private(set) var machine: MachineFigures?
    private(set) var settings: [NetworkProbe.Setting] = []
    /// Settings that an earlier run left.
    let resumed: Int

    /// Opens the log and takes over what fits.
    ///
    /// - Parameters:
    ///   - path: of the log.
    ///   - purpose: says what is measured; what was measured for another purpose is thrown away.
    init(path: String, purpose: String) throws {
        self.path = path
        let first = "# prune measure, unfinished: \(purpose)\n"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        guard text.hasPrefix(first) else {
            resumed = 0
            try Self.write(first, to: path, flags: O_CREAT | O_TRUNC)
            return
        }
        var rows: [LatencyMeasurement] = []
        for line in text.dropFirst(first.count).split(separator: "\n") {
            if line.hasPrefix(Self.machineMark) {
                let json = try? JSON(parsing: String(line.dropFirst(Self.machineMark.count)))
                machine = json.flatMap { MachineFigures($0) }
            } else if line.hasPrefix(Self.endMark) {
                if let setting = Self.setting(line.dropFirst(Self.endMark.count), rows) {
                    settings.append(setting)
                }
                rows = []
            } else if let row = LatencyMeasurement(row: line) {
                rows.append(row)
            }
        }
        resumed = settings.count
    }

    private static let machineMark = "# machine: "
    private static let endMark = "# setting: "

    private static func setting(
        _ text: Substring, _ rows: [LatencyMeasurement]
    ) -> NetworkProbe.Setting? {
        guard let json = try? JSON(parsing: String(text)),
            let network = json["network"]?.string, let number = json["number"]?.integer,
            let microseconds = json["microseconds"]?.double,
            let reference = json["reference"]?.double,
            let samples = json["samples"]?.integer, let outliers = json["outliers"]?.integer,
            let count = json["layers"]?.integer, count == rows.count
        else { return nil }
        return NetworkProbe.Setting(
            network: network, number: number, microseconds: microseconds,
            reference: reference, samples: samples, outliers: outliers, layers: rows)
    }

    func append(_ machine: MachineFigures) throws {
        self.machine = machine
        try Self.write(
            Self.machineMark + machine.json.text() + "\n" + LatencyMeasurement.header + "\n",
            to: path, flags: O_APPEND)
    }

    func append(_ setting: NetworkProbe.Setting) throws {
        settings.append(setting)
        let end: JSON = [
            "network": .string(setting.network), "number": .integer(setting.number),
            "microseconds": .real(setting.microseconds), "reference": .real(setting.reference),
            "samples": .integer(setting.samples),
            "outliers": .integer(setting.outliers), "layers": .integer(setting.layers.count),
        ]
        let rows = setting.layers.map { $0.row + "\n" }.joined()
        try Self.write(rows + Self.endMark + end.text() + "\n", to: path, flags: O_APPEND)
    }

    /// The measurement is complete.
    func remove() { unlink(path) }

    private static func write(_ text: String, to path: String, flags: Int32) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | flags, 0o644)
        guard descriptor >= 0 else {
            throw CommandFailure(
                .cannotCreate, "\(path): cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                throw CommandFailure(
                    .inputOutput, "\(path): writing broke off: \(String(cString: strerror(errno)))")
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
