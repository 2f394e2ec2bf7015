import Foundation
import VariantStore

extension MeasurementRecord {
    /// What was measured on this machine: one sample, one thread.
    static func here(before: MeasuredLatency, after: MeasuredLatency) -> MeasurementRecord {
        MeasurementRecord(
            base: Latency(before), variant: Latency(after), runs: min(before.runs, after.runs),
            threads: 1, batch: 1, machine: .this)
    }
}

extension MeasurementRecord.Latency {
    fileprivate init(_ latency: MeasuredLatency) {
        // JSON has no infinity; a single run says nothing of how far off it is.
        let share = latency.uncertainty.isFinite ? latency.uncertainty : 1
        self.init(medianMs: latency.median, uncertaintyMs: latency.median * share)
    }
}

extension MeasurementRecord.Machine {
    /// The machine that this process runs on.
    static var this: MeasurementRecord.Machine {
        let process = ProcessInfo.processInfo
        return MeasurementRecord.Machine(
            processor: MachineFigures.processorName(), cores: process.activeProcessorCount,
            memoryBytes: Int(clamping: process.physicalMemory), system: kernel,
            toolVersion: Espalier.version)
    }

    /// The operating system's name and the kernel's release.
    private static var kernel: String {
        var names = utsname()
        guard uname(&names) == 0 else {
            return ProcessInfo.processInfo.operatingSystemVersionString
        }
        return "\(text(of: names.sysname)) \(text(of: names.release)) \(text(of: names.machine))"
    }

    /// The text in a field of fixed size.
    private static func text<Field>(of field: Field) -> String {
        withUnsafeBytes(of: field) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
