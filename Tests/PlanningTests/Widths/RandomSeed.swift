import Foundation

/// The seed of random tests, printed with every failure; `ESPALIER_SEED` repeats one.
enum RandomSeed {
    static let value =
        ProcessInfo.processInfo.environment["ESPALIER_SEED"].flatMap { UInt64($0) } ?? 20_261_123
}
