import Execution
import Foundation
import KerasFormat

// engine MODEL BATCH THREADS
//
// Prepares a network, prints one line of JSON about that, and then, for each number on standard input, a line with
// the milliseconds of so many runs. `engine.py` asks it in turn with other engines.

/// A field of /proc/self/status in KiB.
func memory(_ field: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix(field + ":") {
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    return 0
}

func serve(_ path: String, batch: Int, threads: Int) throws {
    let clock = ContinuousClock()
    func milliseconds(since start: ContinuousClock.Instant) -> Double {
        start.duration(to: clock.now) / .milliseconds(1)
    }
    let before = memory("VmRSS")
    let start = clock.now
    let model = try KerasModel.load(path: path)
    let network = try PreparedModel(
        model.graph, batch: batch, options: PreparationOptions(threads: threads))
    let inputs = network.inputShapes.map { shape in
        let count = shape.reduce(1, *)
        return Tensor(shape: shape, values: (0..<count).map { Float($0 * 7919 % 1000) / 1000 })
    }
    _ = try network.run(inputs)
    let ready = milliseconds(since: start)
    print("{\"start-up-ms\": \(ready), \"peak-kib\": \(memory("VmHWM") - before)}")
    fflush(nil)
    while let line = readLine(), let count = Int(line) {
        var samples: [String] = []
        for _ in 0..<count {
            let start = clock.now
            _ = try network.run(inputs)
            samples.append("\(milliseconds(since: start))")
        }
        print(samples.joined(separator: " "))
        fflush(nil)
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let batch = Int(arguments[2]), let threads = Int(arguments[3]) else {
    FileHandle.standardError.write(Data("usage: engine MODEL BATCH THREADS\n".utf8))
    exit(64)
}
try serve(arguments[1], batch: batch, threads: threads)
