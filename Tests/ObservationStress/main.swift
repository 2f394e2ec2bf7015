import Foundation
import RuntimeAdapter
import RuntimeAdapterSQLite

// Saves state after state, and says so after each; killed by whoever started it, or done after a count.
//     ObservationStress PATH FIRST COUNT
let arguments = CommandLine.arguments
guard arguments.count == 4, let first = Int(arguments[2]), let count = Int(arguments[3]) else {
    exit(64)
}

/// A state of which every cell says its number.
func state(_ number: Int) -> PerformanceState {
    PerformanceState(
        cells: (0..<200).map { cell in
            PerformanceState.Cell(
                quantity: .load, deviceClass: "class=phone", digest: "sha256:\(cell)",
                mean: Double(number), variance: 0, weight: Double(number % 64), trustedWeight: 0,
                clients: 1)
        })
}

do {
    let store = try SQLiteObservationStore(path: arguments[1], busyTimeout: .seconds(60))
    for number in first..<first + count {
        try await store.save(state(number))
        FileHandle.standardOutput.write(Data("\(number)\n".utf8))
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
