import Commands

PruneTool.mainWithStatus()
