# SPDX-License-Identifier: MIT
"""A person at LibreOffice: opens a file, types into cells, saves. Typing goes the way of the keyboard (EnterString), so cell formats, protection and the
program's own reading of dates count. Needs nothing but soffice: the macro is Basic, in a profile of its own below the test's temporary folder."""
import html, os, shutil, subprocess
import kit

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
PROFILE = os.path.join(kit.TEMP, "office")
FILTERS = {".xlsx": ("Calc MS Excel 2007 XML", ""), ".csv": ("Text - txt - csv (StarCalc)", "44,34,76,1,,0,false,true,false")}
MACRO = '''
Dim document, dispatcher, frame

Sub Enter(cell, text)
  Dim a(0) As New com.sun.star.beans.PropertyValue
  a(0).Name = "ToPoint"
  a(0).Value = cell
  dispatcher.executeDispatch(frame, ".uno:GoToCell", "", 0, a())
  a(0).Name = "StringName"
  a(0).Value = text
  dispatcher.executeDispatch(frame, ".uno:EnterString", "", 0, a())
End Sub

Sub Save(address, filter, options)
  Dim a(1) As New com.sun.star.beans.PropertyValue
  a(0).Name = "FilterName"
  a(0).Value = filter
  a(1).Name = "FilterOptions"
  a(1).Value = options
  document.storeToURL(address, a())
End Sub

Sub Main
  Dim a(0) As New com.sun.star.beans.PropertyValue
  a(0).Name = "Hidden"
  a(0).Value = True
  document = StarDesktop.loadComponentFromURL("%s", "_blank", 0, a())
  frame = document.CurrentController.Frame
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
%s
  document.close(True)
  StarDesktop.terminate()
End Sub
'''


def there():
    return shutil.which("soffice") is not None


def call(*words):
    subprocess.run(["soffice", "-env:UserInstallation=file://" + PROFILE, "--headless", "--norestore", "--nologo", *words],
                   capture_output=True, stdin=subprocess.DEVNULL, timeout=120)


def quoted(text):
    return '"%s"' % text.replace('"', '""')


def edit(path, typed, *results):
    """Opens `path`, types (cell, text) one after the other, saves under each name of `results` (.xlsx or .csv)."""
    library = os.path.join(PROFILE, "user/basic/Standard")
    if not os.path.isdir(library):
        call("--terminate_after_init")  # a fresh profile runs no macro
    os.makedirs(library, exist_ok=True)
    steps = ["  Enter(%s, %s)" % (quoted(cell), quoted(text)) for cell, text in typed]
    for r in results:
        steps.append("  Save(%s, %s, %s)" % tuple(map(quoted, ("file://" + r, *FILTERS[os.path.splitext(r)[1]]))))
    code = MACRO % ("file://" + path, "\n".join(steps))
    kit.write(os.path.join(library, "Module1.xba"), HEAD
              + '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">'
              + html.escape(code) + "</script:module>")
    kit.write(os.path.join(library, "script.xlb"), HEAD + '<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" '
              'library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/></library:library>')
    for _ in range(5):  # on a busy machine soffice may end before it comes to the macro
        call("macro:///Standard.Module1.Main")
        missing = [r for r in results if not os.path.exists(r)]
        if not missing:
            return
    raise RuntimeError("LibreOffice did not save " + ", ".join(missing))
