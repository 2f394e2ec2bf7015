// Arbitrary bytes as a profile, or, after a comma, as a latency table.
//
// Anything may be refused, with words; nothing may crash or hang. What is accepted keeps the rules that
// the rest of the code relies on. Seeds beside the fixtures: scripts/fuzz.sh FuzzContexts 300 pruning-profiles

import Contexts
import Foundation

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let bytes, count > 0 else { return 0 }
    let data = Data(bytes: bytes, count: count)
    if data.first == UInt8(ascii: ",") {
        testTable(data.dropFirst())
    } else {
        testProfile(data)
    }
    return 0
}

func testProfile(_ data: Data) {
    do {
        let profile = try ProfileReader.read(data, file: "p")
        precondition(!profile.name.isEmpty)
        precondition(!profile.budget.keys.isEmpty)
        precondition(profile.budget.inferenceMs == nil || profile.device != nil)
        precondition(profile.budget.loadMs == nil || profile.network != nil)
        precondition(!profile.pruning.granularity.isEmpty)
        let model = CostModel(device: profile.device, network: profile.network)
        precondition(model.latency(of: layer).isFinite)
        precondition(model.loadMs(fileBytes: 1 << 20, decodedBytes: 1 << 20)?.isFinite ?? true)
    } catch {
        precondition(!error.issues.isEmpty && error.issues.allSatisfy { !$0.description.isEmpty })
    }
}

func testTable(_ data: Data) {
    do {
        let table = try LatencyTable(csv: data, file: "t")
        precondition(table.count > 0)
        let value = table.latency(
            of: layer, inputChannels: 20, outputChannels: 40, channelMultiple: 8)
        precondition(value.map { $0.microseconds.isFinite } ?? true)
    } catch {
        precondition(!error.description.isEmpty)
    }
}

let layer = LayerWorkload(
    name: "x", operation: .convolution, kernel: Window(3, 3), stride: Window(1, 1), positions: 784,
    taps: 9, inputChannels: 16, outputChannels: 64, multiplyAdds: 7_225_344,
    parameterBytes: 37_120, inputBytes: 50_176, outputBytes: 200_704)
