# SPDX-License-Identifier: MIT
"""What layouts.md says, once more and in another language: the independent judge of generated worlds.

Written from the text of the contract, not from erpgate. world.py plays a world and writes its expected/ folders.
"""
