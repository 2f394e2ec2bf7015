import Foundation

// AdapterSoak SAMPLE-MANIFEST SECONDS CLIENTS
//
// Clients lease models from an adapter all the time, while its store gets new versions, goes back to old ones,
// vanishes, is torn, gets damaged and unsigned files, and returns. Prints a table; exit status 1 if a request failed or
// was served something wrong, or if memory grew.
let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 3, let path = arguments.first,
    let seconds = Double(arguments[2]), let clients = Int(arguments[3]), clients > 0
else {
    FileHandle.standardError.write(
        Data("usage: AdapterSoak SAMPLE-MANIFEST SECONDS CLIENTS\n".utf8))
    exit(64)
}
do {
    let soak = Soak(seconds: seconds, clients: clients, sample: URL(filePath: path))
    let report = try await soak.run()
    for line in report.lines { print(line) }
    exit(report.holds ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
